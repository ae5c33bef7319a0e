/** The services of a compose file by name. */
export type Existing = Readonly<Record<string, { readonly image?: unknown; readonly ports?: unknown } | null>>

/** Returns the host ports with the service that publishes each. */
export function publishedPorts(existing: Existing): Map<number, string> {
  const taken = new Map<number, string>()
  for (const [name, service] of Object.entries(existing)) {
    const ports = Array.isArray(service?.ports) ? (service.ports as unknown[]) : []
    for (const port of ports) {
      const written = typeof port === 'object' ? (port as { published?: unknown } | null)?.published : port
      for (const published of hostPorts(String(written ?? ''))) taken.set(published, name)
    }
  }
  return taken
}

const MAX_PORTS_IN_RANGE = 1000

/**
 * Returns the host ports of `8080:80`, `127.0.0.1:8080:80/tcp`, `3000-3002:3000-3002` or `${PORT:-3000}:80`; none for a
 * container port alone.
 */
function hostPorts(text: string): number[] {
  const plain = text.replaceAll(/\$\{\w+:?-(\d+)\}/g, '$1').replace(/\/\w+$/, '')
  const onHost = /(?:^|:)([\d-]+):[\d-]+$/.exec(plain)?.[1]
  const onlyPort = /^\d+$/.test(plain) ? plain : ''
  const [first = '', last = first] = (onHost ?? onlyPort).split('-')
  if (first === '') return []
  const from = Number(first)
  const more = Number(last) - from
  if (more > MAX_PORTS_IN_RANGE) return [from]
  return Array.from({ length: Math.max(0, more) + 1 }, (_, index) => from + index)
}

/** Returns the port, or the next one above that no service publishes. */
export function nextFree(port: number, taken: ReadonlyMap<number, string>): number {
  return taken.has(port) ? nextFree(port + 1, taken) : port
}
