import { readFileSync } from 'node:fs'
import { reasonOf, warn } from '../diag.ts'
import type { OtlpSettings } from '../settings/settings.ts'

export interface TlsFiles {
  readonly ca: Buffer | undefined
  readonly key: Buffer | undefined
  readonly cert: Buffer | undefined
}

/** The PEM files of a destination. One that cannot be read is a line, and the export goes on without it. */
export function readTlsFiles(settings: OtlpSettings): TlsFiles {
  const key = read('OTEL_EXPORTER_OTLP_CLIENT_KEY', settings.clientKeyFile, 'no client certificate is presented')
  const cert = read(
    'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    settings.clientCertificateFile,
    'no client certificate is presented',
  )
  const ca = read('OTEL_EXPORTER_OTLP_CERTIFICATE', settings.certificateFile, "using the system's certificates")
  const complete = key !== undefined && cert !== undefined
  return { ca, key: complete ? key : undefined, cert: complete ? cert : undefined }
}

function read(variable: string, file: string | undefined, instead: string): Buffer | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file)
  } catch (thrown) {
    warn(`${variable}: ${file} cannot be read (${reasonOf(thrown)}); ${instead}`)
    return undefined
  }
}
