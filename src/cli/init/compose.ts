import { Problem } from '../../base/problem.ts'
import { isDeepStrictEqual } from 'node:util'
import { type Document, isAlias, isMap, isScalar, type Pair, parse, parseAllDocuments, type YAMLMap } from 'yaml'
import { type ComposeService, JAEGER_PAGE_PORT } from './compose-services.ts'
import { type Edit, lineEndOf, withoutMark } from './edit.ts'

/**
 * Adds services to a compose file. The text is parsed with `yaml`, and the new lines are appended to `services`, so
 * that every existing byte stays where it is. The result is parsed again; if anything else would have changed, the edit
 * is refused.
 */
export function editCompose(text: string | undefined, services: readonly ComposeService[]): Edit {
  const { mark, body } = withoutMark(text ?? '')
  const documents = parseAllDocuments(body)
  const document = documents[0] as Document.Parsed | undefined
  if (document === undefined || document.contents === null) {
    if (/[^\s#-]/.test(body.replace(/#.*/g, '')))
      return { refused: 'has a format that cannot be extended automatically' }
    return added(mark, body, { at: body.length, indent: '  ', heading: true, gap: true }, services, {})
  }
  if (documents.length > 1) return { refused: 'contains more than one YAML document' }
  const error = document.errors[0]
  if (error !== undefined) return { refused: `is not valid YAML (${error.message.split('\n')[0]?.replace(/:$/, '')})` }
  const place = placeIn(document, body)
  if (place instanceof Problem) return { refused: place.reason }
  const existing = servicesOf(body)
  if (existing === undefined) return { refused: 'has "services" that are not a map' }
  return added(mark, body, place, services, existing)
}

interface InsertionPoint {
  readonly at: number
  /** The indentation of a service's name. */
  readonly indent: string
  /** Whether `services:` has to be added. */
  readonly heading: boolean
  /** Whether to put a blank line before each service. */
  readonly gap: boolean
}

type Existing = Readonly<Record<string, { readonly image?: unknown; readonly ports?: unknown } | null>>

function added(
  mark: string,
  body: string,
  place: InsertionPoint,
  services: readonly ComposeService[],
  existing: Existing,
): Edit {
  const lineEnd = lineEndOf(body)
  const taken = publishedPorts(existing)
  const notes: string[] = []
  const toStart: string[] = []
  const missing: { readonly name: string; readonly text: string }[] = []
  for (const service of services) {
    const known = Object.entries(existing).find(
      ([name, value]) => name === service.name || service.image.test(String(value?.image ?? '')),
    )
    if (known !== undefined) {
      toStart.push(known[0])
      continue
    }
    const clash = service.ports.find((port) => taken.has(port))
    if (clash !== undefined && service.movable !== true) {
      notes.push(`service "${taken.get(clash)}" publishes port ${clash} already, so ${service.name} is not added`)
      continue
    }
    const ports = service.ports.map((port) => nextFree(port, taken))
    for (const port of ports) taken.set(port, service.name)
    toStart.push(service.name)
    missing.push({ name: service.name, text: service.text(ports) })
  }
  const page = toStart.includes(taken.get(JAEGER_PAGE_PORT) ?? '') ? `http://localhost:${JAEGER_PAGE_PORT}` : undefined
  const start = { services: toStart, page }
  if (missing.length === 0)
    return { unchanged: toStart.length === 0 ? 'is left alone' : 'has the services', notes, ...start }
  const lines = missing.flatMap(({ text }, index) => [
    ...(place.gap && !(index === 0 && place.heading) ? [''] : []),
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => place.indent + line),
  ])
  const before = body.slice(0, place.at)
  const separator = before === '' || before.endsWith('\n') ? '' : lineEnd
  const inserted = [...(place.heading ? [...(before.trim() === '' ? [] : ['']), 'services:'] : []), ...lines]
  const after = before + separator + inserted.join(lineEnd) + lineEnd + body.slice(place.at)
  if (!isIntendedEdit(body, after, missing))
    return { refused: 'has a format that cannot be extended automatically', notes }
  notes.push(
    ...notesFor(
      existing,
      missing.map(({ name }) => name),
    ),
  )
  return {
    text: mark + after,
    summary: `service ${missing.map(({ name }) => name).join(', ')}`,
    notes,
    ...start,
  }
}

function placeIn(document: Document.Parsed, body: string): InsertionPoint | Problem {
  const root = document.contents
  if (!isMap(root) || root.flow === true) return new Problem('is not a block mapping')
  const rootStart = startOf(root.items[0]?.key)
  if (rootStart === undefined || columnOf(body, rootStart) !== 0) return new Problem('has indented top-level keys')
  const index = root.items.findIndex(({ key }) => isScalar(key) && key.value === 'services')
  if (index === -1) {
    const isOldFormat = root.items.some(({ value }) => isMap(value) && (value.has('image') || value.has('build')))
    if (isOldFormat) return new Problem('has the format of Compose 1, without "services"')
    return { at: endOfBlock(body, body.length), indent: '  ', heading: true, gap: false }
  }
  const { value } = root.items[index] as Pair
  const next = startOf(root.items[index + 1]?.key) ?? body.length
  if (isAlias(value)) return new Problem('has "services" that are an alias')
  if (value === null || (isScalar(value) && value.value === null)) {
    return { at: endOfBlock(body, next), indent: '  ', heading: false, gap: false }
  }
  if (!isMap(value) || value.flow === true) return new Problem('has "services" in braces')
  const indent = ' '.repeat(columnOf(body, startOf(value.items[0]?.key) ?? 0))
  if (indent === '') return new Problem('has "services" without indentation')
  return { at: endOfBlock(body, next), indent, heading: false, gap: hasGaps(value, body) }
}

/** Returns whether services are separated by blank lines, as is usual. */
function hasGaps(services: YAMLMap, body: string): boolean {
  const second = startOf(services.items[1]?.key)
  return second === undefined || /\n[ \t]*\r?\n/.test(body.slice(startOf(services.items[0]?.key) ?? 0, second))
}

/**
 * Returns the position after the last line before `limit` that is neither blank nor an unindented comment, which
 * belongs to what follows.
 */
function endOfBlock(body: string, limit: number): number {
  let end = limit
  while (end > 0) {
    const lineStart = body.lastIndexOf('\n', end - 2) + 1
    const line = body.slice(lineStart, end)
    if (!/^(?:#.*|\.\.\.)?$/.test(line.trimEnd())) break
    end = lineStart
  }
  return end
}

function startOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] | null } | undefined)?.range?.[0]
}

function columnOf(body: string, offset: number): number {
  return offset - (body.lastIndexOf('\n', offset - 1) + 1)
}

function servicesOf(body: string): Existing | undefined {
  const { services } = parse(body, { merge: true }) as { readonly services?: unknown }
  if (services === undefined || services === null) return {}
  if (typeof services !== 'object' || Array.isArray(services)) return undefined
  return Object.values(services).every(isServiceOrNull) ? (services as Existing) : undefined
}

function isServiceOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'object' && !Array.isArray(value))
}

/** Returns whether the new services are there and every other value is unchanged. */
function isIntendedEdit(before: string, after: string, added: readonly { name: string; text: string }[]): boolean {
  try {
    const old = (parse(before, { merge: true }) ?? {}) as Record<string, object>
    const wanted = Object.assign({}, ...added.map(({ text }) => parse(text) as object))
    const expected = { ...old, services: { ...old['services'], ...wanted } }
    return isDeepStrictEqual(parse(after, { merge: true, strict: true }), expected)
  } catch {
    return false
  }
}

/** Returns the host ports with the service that publishes each. */
function publishedPorts(existing: Existing): Map<number, string> {
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

/**
 * Returns the host ports of `8080:80`, `127.0.0.1:8080:80/tcp`, `3000-3002:3000-3002` or `${PORT:-3000}:80`; none for a
 * container port alone.
 */
function hostPorts(text: string): number[] {
  const plain = text.replaceAll(/\$\{\w+:?-(\d+)\}/g, '$1').replace(/\/\w+$/, '')
  const [first = '', last] = (/(?:^|:)([\d-]+):[\d-]+$/.exec(plain)?.[1] ?? (/^\d+$/.test(plain) ? plain : '')).split(
    '-',
  )
  if (first === '') return []
  const [from, to] = [Number(first), Number(last ?? first)]
  return to - from > 1000 ? [from] : Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => from + index)
}

function nextFree(port: number, taken: ReadonlyMap<number, string>): number {
  return taken.has(port) ? nextFree(port + 1, taken) : port
}

/** Returns what the user has to decide, because existing services are never edited. */
function notesFor(existing: Existing, added: readonly string[]): string[] {
  const own = Object.entries(existing).filter(([, service]) => service !== null && 'build' in service)
  const notes: string[] = []
  if (added.includes('jaeger') && own.length > 0) {
    const names = own.map(([name]) => `"${name}"`).join(', ')
    notes.push(
      `inside compose, Jaeger is http://jaeger:4317: set OTEL_EXPORTER_OTLP_ENDPOINT to it in service ${names}`,
    )
  }
  const networks = new Set(
    own.flatMap(([, service]) => Object.keys(namesIn((service as { networks?: unknown }).networks))),
  )
  if (networks.size > 0) {
    notes.push(`your services are in network ${[...networks].join(', ')}: add the new services to it`)
  }
  return notes
}

function namesIn(networks: unknown): object {
  if (Array.isArray(networks)) return Object.fromEntries(networks.map((name) => [name, null]))
  return typeof networks === 'object' && networks !== null ? networks : {}
}
