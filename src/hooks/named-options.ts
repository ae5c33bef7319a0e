import { Problem } from '../base/problem.ts'
import { nearest } from '../base/edit-distance.ts'
import type { InstrumentationOptions } from './instrumentations.ts'
import { type OptionKind, OPTIONS } from './options.generated.ts'

/** Reads `OBS_INSTRUMENTATION_<NAME>_<OPTION>`, in a chunk of its own, since few users set one. */

const PREFIX = 'OBS_INSTRUMENTATION_'
const MAX_EDITS = 3
/** More than all instrumentations have options. A `.env` may have any number of such names. */
const MAX_OPTIONS = 200
const MAX_PROBLEMS = 50

/** The options of each instrumentation in the catalog. */
export type KnownOptions = Readonly<Record<string, Readonly<Record<string, OptionKind>>>>

export interface NamedOptions {
  readonly options: InstrumentationOptions
  /** The problems, one log line each. */
  readonly problems: readonly string[]
}

type Options = Record<string, unknown>

/** Reads the options. `texts` are by the part of the name after the prefix. */
export function readNamedOptions(texts: Readonly<Record<string, string>>, known: KnownOptions = OPTIONS): NamedOptions {
  const options: Record<string, Options> = {}
  const problems: string[] = []
  const entries = Object.entries(texts)
  for (const [key, text] of entries.slice(0, MAX_OPTIONS)) {
    const read = readOption(key, text, known)
    if (read instanceof Problem) problems.push(`${PREFIX}${key}${read.reason}; it is ignored`)
    else put((options[read.instrumentation] ??= {}), read.path, read.value)
  }
  const unread = Math.max(0, entries.length - MAX_OPTIONS)
  if (unread > 0) problems.unshift(`${unread} variables ${PREFIX}… are ignored: there are more than ${MAX_OPTIONS}`)
  const unlisted = problems.length - MAX_PROBLEMS
  if (unlisted <= 0) return { options, problems }
  return {
    options,
    problems: [...problems.slice(0, MAX_PROBLEMS), `${unlisted} more variables ${PREFIX}… are ignored`],
  }
}

interface Option {
  readonly instrumentation: string
  readonly path: readonly string[]
  readonly value: unknown
}

/** Reads one variable. A `Problem` completes the log line right after its name. */
function readOption(key: string, text: string, known: KnownOptions): Option | Problem {
  const instrumentation = longestNamed(key, known)
  if (instrumentation === undefined) return new Problem(noInstrumentation(key, known))
  const written = key.slice(environmentName(instrumentation).length + 1)
  const kinds = known[instrumentation] ?? {}
  const name = Object.keys(kinds).find((option) => bare(option) === bare(written))
  const kind = name === undefined ? undefined : kinds[name]
  if (name === undefined || kind === undefined) return new Problem(noOption(instrumentation, written, kinds))
  if (kind === 'gone') return new Problem(' has no effect any more: this instrumentation is our own')
  if (kind === 'function' || kind === 'object')
    return new Problem(` takes ${ARTICLE[kind]}, which no variable can hold`)
  const value = READ[kind](text)
  if (value === undefined) return new Problem(`=${JSON.stringify(text.slice(0, 80))} is not ${ACCEPTED[kind]}`)
  return { instrumentation, path: name.split('.'), value }
}

/**
 * Returns the name in variables: `socket.io` becomes `SOCKET_IO`, `headersToSpanAttributes.requestHeaders` becomes
 * `HEADERS_TO_SPAN_ATTRIBUTES_REQUEST_HEADERS`.
 */
function environmentName(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .toUpperCase()
}

/** Removes word separators, which options use inconsistently (`requireParentforSpans`). */
function bare(name: string): string {
  return name.replaceAll(/[._]/g, '').toUpperCase()
}

/** Returns the longest matching name: `AWS_LAMBDA_…` belongs to `aws-lambda` even if there were an `aws`. */
function longestNamed(key: string, known: KnownOptions): string | undefined {
  let best: string | undefined
  for (const name of Object.keys(known)) {
    if (key.startsWith(`${environmentName(name)}_`) && name.length > (best?.length ?? 0)) best = name
  }
  return best
}

function noInstrumentation(key: string, known: KnownOptions): string {
  const starts = Object.keys(known).map(environmentName)
  const meant = starts
    .map((start) => nearest(key.slice(0, start.length), [start], start.length < 4 ? 0 : 1))
    .find((start) => start !== undefined)
  return ` names no instrumentation${meant === undefined ? '' : `, ${PREFIX}${meant}_… may be meant`}`
}

function noOption(instrumentation: string, written: string, kinds: Readonly<Record<string, OptionKind>>): string {
  const settable = Object.keys(kinds).filter((name) => ACCEPTED[kinds[name] as HeldKind] !== undefined)
  const names = settable.map(environmentName)
  const meant = nearest(written, names, MAX_EDITS)
  const hint = meant === undefined ? `it has ${names.join(', ')}` : `${meant} may be meant`
  return ` names no option of ${instrumentation}; ${hint}`
}

type HeldKind = Exclude<OptionKind, 'function' | 'object' | 'gone'>

const ARTICLE = { function: 'a function', object: 'an object' } as const
const ACCEPTED: Readonly<Record<HeldKind, string>> = {
  boolean: 'true or false',
  number: 'a number',
  text: 'a text',
  list: 'a list',
}

const READ: Readonly<Record<HeldKind, (text: string) => unknown>> = {
  boolean(text) {
    const lower = text.toLowerCase()
    return lower === 'true' || lower === 'false' ? lower === 'true' : undefined
  },
  number: (text) => (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined),
  text: (text) => text,
  list: (text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
}

function put(options: Options, path: readonly string[], value: unknown): void {
  let at = options
  for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Options
  at[path.at(-1) as string] = value
}
