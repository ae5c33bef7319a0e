import type { TlsOptions } from 'node:tls'
import { reasonOf } from '../base/diag.ts'
import { readRegularFile } from '../base/regular-file.ts'

export interface ServerTlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
  /** When set, only clients with a certificate of this CA are accepted. */
  readonly clientCaFile: string | undefined
}

/** Reads the files at start, so that a missing file is reported before any request. Throws when one cannot be read. */
export function readServerTls(files: ServerTlsFiles): TlsOptions {
  const options = {
    cert: readNamed('OBS_SIDE_PORT_TLS_CERT', files.certificateFile),
    key: readNamed('OBS_SIDE_PORT_TLS_KEY', files.keyFile),
  }
  // Node.js checks whether the option is present: `ca: undefined` would accept everybody.
  if (files.clientCaFile === undefined) return options
  return {
    ...options,
    ca: readNamed('OBS_SIDE_PORT_TLS_CLIENT_CA', files.clientCaFile),
    requestCert: true,
    rejectUnauthorized: true,
  }
}

function readNamed(variable: string, path: string): Buffer {
  try {
    return readRegularFile(path)
  } catch (thrown) {
    throw new Error(`${variable} cannot be used: ${reasonOf(thrown)}`, { cause: thrown })
  }
}
