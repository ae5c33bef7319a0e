import { reasonOf } from '../base/diag.ts'
import { readRegularFile } from '../base/regular-file.ts'
import type { OtlpSettings } from '../settings/settings.ts'

export interface ClientTls {
  readonly ca: Buffer | undefined
  readonly key: Buffer | undefined
  readonly cert: Buffer | undefined
}

/**
 * Reads the PEM files of an endpoint. Throws, naming the variable, when one cannot be read. The batch is then buffered,
 * and the next attempt reads again, since a mounted secret may appear late.
 */
export function readClientTls(settings: Partial<OtlpSettings>): ClientTls {
  return {
    ca: read('OTEL_EXPORTER_OTLP_CERTIFICATE', settings.certificateFile),
    key: read('OTEL_EXPORTER_OTLP_CLIENT_KEY', settings.clientKeyFile),
    cert: read('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', settings.clientCertificateFile),
  }
}

function read(variable: string, file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined
  try {
    return readRegularFile(file)
  } catch (thrown) {
    throw new Error(`${variable}: ${file} cannot be read (${reasonOf(thrown)})`, { cause: thrown })
  }
}
