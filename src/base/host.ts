/** Matches a name or an address. An IPv6 address may be in brackets, as in `Host` and in URLs. */
const HOST =
  /^(?:\[[\da-f:.]{2,45}(?:%[\w.~%-]{1,40})?\]|[\da-f:.]{2,45}(?:%[\w.~-]{1,40})?|[\w.~%\u0080-\u{10ffff}-]{1,255})$/iu

/**
 * Returns the host that a text consists of, without credentials in front of it; an empty text if there is none. What an
 * app passes by mistake, or a client sends, in the place of a host may be part of credentials.
 */
export function hostIn(text: string): string {
  const host = withoutCredentials(text)
  return HOST.test(host) ? host : ''
}

/** Removes `user:password@` in front of a host. The path of a socket is returned unchanged. */
export function withoutCredentials(address: string): string {
  if (!address.includes('@') || address.startsWith('/') || address.startsWith('\\')) return address
  return address.slice(address.lastIndexOf('@') + 1)
}
