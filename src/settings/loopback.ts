/** Whether no other machine reaches the host. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|\[::1\]|127(?:\.\d{1,3}){3})$/.test(host)
}

/** Whether a URL of an endpoint leads to this machine. */
export function isLoopbackUrl(url: string): boolean {
  return url.startsWith('unix:') || isLoopback(URL.parse(url)?.hostname ?? '')
}
