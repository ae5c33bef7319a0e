import type { InstrumentationSettings } from '../settings/settings.ts'
import type { InstrumentationOptions } from './instrumentations.ts'
import { ignoreFetch, ignoreIncoming, ignoreOutgoing } from './left-out.ts'

export interface ReadOptions {
  readonly options: InstrumentationOptions
  /** A line each. */
  readonly problems: readonly string[]
}

type Options = Record<string, unknown>

const PREFIX = 'OBS_INSTRUMENTATION_'

/** What the settings say about single instrumentations, as the options that their constructors take. */
export function readOptions(settings: InstrumentationSettings, known: readonly string[]): ReadOptions {
  const options: Record<string, Options> = {}
  const of = (name: string): Options => (options[name] ??= {})
  const problems: string[] = []
  const names = known.map((name) => ({ name, prefix: `${environmentName(name)}_` }))
  for (const [key, text] of Object.entries(settings.options)) {
    const variable = `${PREFIX}${key}`
    const name = longest(names, key)
    if (name === undefined) {
      problems.push(`${variable}: there is no instrumentation whose name it starts with; it is ignored`)
      continue
    }
    const path = optionPath(key.slice(environmentName(name).length + 1))
    if (path === undefined) {
      problems.push(`${variable} names no option; it is ignored`)
    } else if (takesFunction(path)) {
      problems.push(`${variable}: "${path.join('.')}" takes a function, which no variable can hold; it is ignored`)
    } else {
      put(of(name), path, optionValue(path, text))
    }
  }
  addSettings(of, settings)
  return { options, problems }
}

/** `socket.io` is `SOCKET_IO`, `nestjs-core` is `NESTJS_CORE`. */
function environmentName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
}

/** `AWS_LAMBDA_…` belongs to `aws-lambda` even where there were an `aws`. */
function longest(names: readonly { name: string; prefix: string }[], key: string): string | undefined {
  let best: { name: string; prefix: string } | undefined
  for (const each of names) {
    if (key.startsWith(each.prefix) && each.prefix.length > (best?.prefix.length ?? 0)) best = each
  }
  return best?.name
}

/** Options that hold options. */
const NESTED = /^(HEADERS_TO_SPAN_ATTRIBUTES|METADATA_TO_SPAN_ATTRIBUTES)(?:_(?:(CLIENT|SERVER)_)?(.+))?$/
const NESTED_LEAF = /^(?:REQUEST|RESPONSE)_(?:HEADERS|METADATA)$/

function optionPath(text: string): readonly string[] | undefined {
  if (!/^[A-Z0-9]+(?:_[A-Z0-9]+)*$/.test(text)) return undefined
  const nested = NESTED.exec(text)
  if (nested === null) return [camelCase(text)]
  const [, outer = '', side, leaf = ''] = nested
  if (!NESTED_LEAF.test(leaf)) return undefined
  return [outer, ...(side === undefined ? [] : [side]), leaf].map(camelCase)
}

function camelCase(text: string): string {
  return text.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function takesFunction(path: readonly string[]): boolean {
  return /(?:Hook|Serializer|applyCustomAttributesOnSpan)$/.test(path.at(-1) ?? '')
}

/** Options that are lists even when one thing is named. */
const LISTS =
  /(?:Headers|Metadata|EventList|metricGroups|ignoreLayers|ignoreLayersType|ignoreHostnames|ignoreGrpcMethods|redactedQueryParams|redactedQueryParamsServer)$/

function optionValue(path: readonly string[], text: string): unknown {
  if (LISTS.test(path.at(-1) ?? '') || text.includes(',')) {
    return text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
  }
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === 'false') return lower === 'true'
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : text
}

function put(options: Options, path: readonly string[], value: unknown): void {
  let at = options
  for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Options
  at[path.at(-1) as string] = value
}

/** The settings that have a variable of their own. */
function addSettings(of: (name: string) => Options, settings: InstrumentationSettings): void {
  const { ignorePaths, ignoreHosts, httpKnownMethods, captureGenAiContent } = settings
  if (ignorePaths.length > 0) of('http')['ignoreIncomingRequestHook'] = ignoreIncoming(ignorePaths)
  if (ignoreHosts.length > 0) {
    of('http')['ignoreOutgoingRequestHook'] = ignoreOutgoing(ignoreHosts)
    of('undici')['ignoreRequestHook'] = ignoreFetch(ignoreHosts)
  }
  if (httpKnownMethods !== undefined) {
    const attributes = methodAttributes(new Set(httpKnownMethods))
    Object.assign(of('http'), { startIncomingSpanHook: attributes, startOutgoingSpanHook: attributes })
    of('undici')['startSpanHook'] = attributes
  }
  if (captureGenAiContent) of('openai')['captureMessageContent'] = true
}

/** Semantic conventions, HTTP: a method outside the known ones is `_OTHER`, in spans as in metrics. */
function methodAttributes(known: ReadonlySet<string>): (request: { readonly method?: string }) => object {
  return ({ method = 'GET' }) => {
    const upper = method.toUpperCase()
    if (known.has(upper)) return { 'http.request.method': upper }
    return { 'http.request.method': '_OTHER', 'http.request.method_original': method }
  }
}
