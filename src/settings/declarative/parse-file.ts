import { reasonOf } from '../../base/diag.ts'
import { Problem } from '../../base/problem.ts'
import { isScalar, LineCounter, parse, parseDocument, Scalar, visit, type Document, type YAMLMap } from 'yaml'
// @ts-expect-error -- generated from the schema by OpenTelemetry, without declarations
import { require_validator as requireValidator } from '../../../node_modules/@opentelemetry/configuration/dist/generated/validator.mjs'
import { type Path, pathText } from './section.ts'
import { substitute } from './substitute.ts'

/** A valid configuration file: parsed YAML with references substituted, matching the schema. */
export interface ConfigurationFile {
  readonly model: Readonly<Record<string, unknown>>
  /** The variables that it references. */
  readonly referenced: ReadonlySet<string>
  /** Keys that are not in the schema, and are removed from the model. */
  readonly unknown: readonly Path[]
}

interface Validator {
  (model: unknown): boolean
  errors?: readonly {
    readonly instancePath: string
    readonly keyword: string
    readonly message?: string
    readonly params: Readonly<Record<string, unknown>>
  }[]
}

/** Limit of unknown keys that are removed; the next one is an error. */
const MAX_UNKNOWN = 50

/** The library compares each key of a map with all before it; `offsetOfRepeatedKey` takes linear time. */
const YAML = { version: '1.2', logLevel: 'silent', uniqueKeys: false } as const

/** Parses a configuration file. A `Problem` says what is wrong and where. */
export function parseFile(text: string, lookUp: (variable: string) => string | undefined): ConfigurationFile | Problem {
  const lines = new LineCounter()
  const document = parseDocument(text, { ...YAML, lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) {
    return new Problem(`line ${lines.linePos(error.pos[0]).line}: ${withoutContent(error.message)}`)
  }
  const repeated = offsetOfRepeatedKey(document)
  if (repeated !== undefined) return new Problem(`line ${lines.linePos(repeated).line}: Map keys must be unique`)
  const referenced = new Set<string>()
  try {
    substituteIn(document, lookUp, referenced)
    const model: unknown = document.toJS({ maxAliasCount: 100 })
    if (typeof model !== 'object' || model === null) return new Problem('it is empty')
    const format = formatFault((model as Record<string, unknown>)['file_format'])
    if (format !== undefined) return new Problem(format)
    const unknown: Path[] = []
    const fault = validate(model as Record<string, unknown>, unknown, document, lines)
    if (fault !== undefined) return new Problem(fault)
    return { model: model as Record<string, unknown>, referenced, unknown }
  } catch (thrown) {
    return new Problem(withoutContent(reasonOf(thrown)))
  }
}

/** Returns the offset of the first duplicate key; undefined when there is none. */
function offsetOfRepeatedKey(document: Document): number | undefined {
  let offset: number | undefined
  visit(document, {
    Map(_, { items }: YAMLMap) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) {
          offset = key.range?.[0] ?? 0
          return visit.BREAK
        }
        seen.add(key.value)
      }
      return undefined
    },
  })
  return offset
}

/** Node types are determined after substitution, except that quoted scalars stay texts. */
function substituteIn(document: Document, lookUp: (name: string) => string | undefined, referenced: Set<string>): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      const { text, referenced: names } = substitute(node.value, lookUp)
      for (const name of names) referenced.add(name)
      if (text === node.value) return
      node.value = node.type === Scalar.PLAIN ? plainValue(text) : text
    },
  })
}

/** Returns a scalar: a variable cannot add structure to the file. */
function plainValue(text: string): unknown {
  try {
    const value: unknown = parse(text, YAML)
    return value === null || typeof value === 'number' || typeof value === 'boolean' ? value : text
  } catch {
    return text
  }
}

function formatFault(format: unknown): string | undefined {
  if (typeof format !== 'string') return 'it has no file_format, a text such as "1.0"'
  return /^1(?:\.\d+)?(?:-.*)?$/.test(format) ? undefined : `file_format is "${format}", but only 1.x is supported`
}

function validate(
  model: Record<string, unknown>,
  unknown: Path[],
  document: Document,
  lines: LineCounter,
): string | undefined {
  const isValid = requireValidator() as Validator
  while (!isValid(model)) {
    const [error] = isValid.errors ?? []
    if (error === undefined) return 'it does not match the schema'
    const path = pathOf(error.instancePath)
    // An unknown key comes from a newer schema or is a typo; the rest of the file is still used.
    const key = error.keyword === 'additionalProperties' ? error.params['additionalProperty'] : undefined
    if (typeof key !== 'string' || unknown.length >= MAX_UNKNOWN || !takeOut(model, path, key)) {
      return `${placeOf(path, document, lines)} ${error.message ?? 'does not match the schema'}`
    }
    unknown.push([...path, key])
  }
  return undefined
}

function takeOut(model: unknown, path: Path, key: string): boolean {
  let at = model
  for (const part of path) at = (at as Record<string | number, unknown> | undefined)?.[part]
  return typeof at === 'object' && at !== null && delete (at as Record<string, unknown>)[key]
}

/** Parses a JSON pointer. */
function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

function placeOf(path: Path, document: Document, lines: LineCounter): string {
  const node = document.getIn(path, true) as { readonly range?: readonly number[] | null } | undefined
  const offset = isScalar(node) || node?.range != null ? node?.range?.[0] : undefined
  const line = offset === undefined ? '' : `line ${lines.linePos(offset).line}: `
  return `${line}${path.length === 0 ? 'it' : pathText(path)}`
}

/** Returns the parser's message up to the colon, after which it quotes the file, which may contain secrets. */
function withoutContent(message: string): string {
  return message.replace(/: .*/s, '')
}
