import { Problem } from '../../base/problem.ts'
import { isDeepStrictEqual } from 'node:util'
import { type Document, isAlias, isMap, isScalar, type Pair, parse, parseAllDocuments, type YAMLMap } from 'yaml'
import { type ComposeService, JAEGER_PAGE_PORT } from './compose-services.ts'
import { type Existing, nextFree, publishedPorts } from './compose-ports.ts'
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

function added(
  mark: string,
  body: string,
  place: InsertionPoint,
  services: readonly ComposeService[],
  existing: Existing,
): Edit {
  const { missing, start, notes } = planOf(services, existing)
  if (missing.length === 0) {
    const unchanged = start.services.length === 0 ? 'is left alone' : 'has the services'
    return { unchanged, notes, ...start }
  }
  const after = withServices(body, place, missing)
  if (!isIntendedEdit(body, after, missing)) {
    return { refused: 'has a format that cannot be extended automatically', notes }
  }
  const names = missing.map(({ name }) => name)
  return {
    text: mark + after,
    summary: `service ${names.join(', ')}`,
    notes: [...notes, ...notesFor(existing, names)],
    ...start,
  }
}

interface NewService {
  readonly name: string
  readonly text: string
}

interface ServicePlan {
  /** The services to add. */
  readonly missing: readonly NewService[]
  /** The services that the user starts, added or not, and the page on which Jaeger then is. */
  readonly start: { readonly services: readonly string[]; readonly page: string | undefined }
  readonly notes: readonly string[]
}

/** Decides which services to add, and on which ports. */
function planOf(services: readonly ComposeService[], existing: Existing): ServicePlan {
  const taken = publishedPorts(existing)
  const notes: string[] = []
  const toStart: string[] = []
  const missing: NewService[] = []
  for (const service of services) {
    const known = existingName(service, existing)
    if (known !== undefined) {
      toStart.push(known)
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
  const hasPage = toStart.includes(taken.get(JAEGER_PAGE_PORT) ?? '')
  const page = hasPage ? `http://localhost:${JAEGER_PAGE_PORT}` : undefined
  return { missing, start: { services: toStart, page }, notes }
}

/** Returns the name of the service that has the same name or image; undefined if there is none. */
function existingName({ name, image }: ComposeService, existing: Existing): string | undefined {
  const known = Object.entries(existing).find(
    ([key, service]) => key === name || image.test(String(service?.image ?? '')),
  )
  return known?.[0]
}

/** Returns the body with the services in their place. */
function withServices(body: string, place: InsertionPoint, services: readonly NewService[]): string {
  const lineEnd = lineEndOf(body)
  const before = body.slice(0, place.at)
  const separator = before === '' || before.endsWith('\n') ? '' : lineEnd
  const gapAbove = before.trim() === '' ? [] : ['']
  const heading = place.heading ? [...gapAbove, 'services:'] : []
  const lines = services.flatMap(({ text }, index) => {
    const isBelowHeading = place.heading && index === 0
    const gap = place.gap && !isBelowHeading ? [''] : []
    const indented = text
      .trimEnd()
      .split('\n')
      .map((line) => place.indent + line)
    return [...gap, ...indented]
  })
  const inserted = [...heading, ...lines].join(lineEnd)
  return before + separator + inserted + lineEnd + body.slice(place.at)
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
