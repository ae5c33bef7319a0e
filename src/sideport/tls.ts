import type { TlsOptions } from 'node:tls'
import { readRegularFile } from '../base/regular-file.ts'

export interface ServerTlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
  /** Given: only clients with a certificate of this authority are let in. */
  readonly clientCaFile: string | undefined
}

/** Read at start, before any request: a file that is missing is said then. Throws. */
export function readServerTls(files: ServerTlsFiles): TlsOptions {
  const options = { cert: readRegularFile(files.certificateFile), key: readRegularFile(files.keyFile) }
  // The authority is read by its presence: an option that is there but undefined would let everybody in.
  if (files.clientCaFile === undefined) return options
  return { ...options, ca: readRegularFile(files.clientCaFile), requestCert: true, rejectUnauthorized: true }
}
