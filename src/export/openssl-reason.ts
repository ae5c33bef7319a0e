/**
 * Matches `40FD0A1F577F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version
 * number:../deps/openssl/…:77:`
 */
const OPENSSL = /[0-9A-F]{8,16}:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):\S*?\.c:\d+:(?:SSL alert number \d+)?/gi

/** Reduces an OpenSSL error message to what went wrong. */
export function withoutOpensslTrace(reason: string): string {
  return reason.replaceAll(OPENSSL, 'TLS: $1').trim()
}
