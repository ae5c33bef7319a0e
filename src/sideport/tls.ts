import type { TlsOptions } from 'node:tls'
import { readRegularFile } from '../base/regular-file.ts'

export interface ServerTlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
  /** When set, only clients with a certificate of this CA are accepted. */
  readonly clientCaFile: string | undefined
}

/** Reads the files at start, so that a missing file is reported before any request. Throws when one cannot be read. */
export function readServerTls(files: ServerTlsFiles): TlsOptions {
  const options = { cert: readRegularFile(files.certificateFile), key: readRegularFile(files.keyFile) }
  // Node.js checks whether the option is present: `ca: undefined` would accept everybody.
  if (files.clientCaFile === undefined) return options
  return { ...options, ca: readRegularFile(files.clientCaFile), requestCert: true, rejectUnauthorized: true }
}
