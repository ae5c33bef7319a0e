/** Returns whether a host is reachable only from this machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|\[::1\]|127(?:\.\d{1,3}){3})$/.test(host)
}

/** Returns whether an endpoint URL points to this machine. */
export function isLoopbackUrl(url: string): boolean {
  return url.startsWith('unix:') || isLoopback(URL.parse(url)?.hostname ?? '')
}
