import { withoutCredentials } from '../base/host.ts'
import { MAX_STATEMENT_CHARS } from '../base/statement-limit.ts'
import type { Capture } from '../settings/settings.ts'
import { cutValue } from './cut-values.ts'
import { scrubHeader } from './headers.ts'
import { isJsonQuery, sanitizeJsonQuery } from './json-query.ts'
import { sanitizeRedis } from './redis-sanitizer.ts'
import { scrubName } from './span-names.ts'
import { sanitizeSql } from './sql.ts'
import { scrubUrlsIn } from './urls-in-text.ts'
import { hideUserInfo, MAX_URL_CHARS, REDACTED, scrubPath, scrubQuery, scrubUrl } from './urls.ts'
import type { TakeUnits } from './work-budget.ts'

export type AttributeRecord = Record<string, unknown>

/** Returns the value that may be exported. `all` are the attributes of the same record. */
type Rule = (value: string, all: AttributeRecord) => string

/** The rules for attributes that may contain user data. `shows` are the kinds of data that `OBS_CAPTURE` allows. */
export class AttributeRules {
  readonly #shows: ReadonlySet<Capture>
  readonly #byName: ReadonlyMap<string, Rule>

  constructor(shows: ReadonlySet<Capture>) {
    this.#shows = shows
    this.#byName = rules(shows)
  }

  /**
   * Applies the rules in place: the record is written and exported once. If no units are left for a value, it is
   * hidden. `cuts` is whether long values are truncated.
   */
  apply(attributes: AttributeRecord, take: TakeUnits, cuts: boolean): void {
    for (const name in attributes) {
      const rule = this.#byName.get(name)
      if (rule !== undefined) {
        const value = attributes[name]
        if (typeof value === 'string') attributes[name] = applied(rule, value, attributes, take)
        else if (Array.isArray(value))
          attributes[name] = value.map((each: unknown) =>
            typeof each === 'string' ? applied(rule, each, attributes, take) : each,
          )
      } else if (name.length > 12) {
        this.#applyByPrefix(name, attributes)
      }
      if (cuts) cutLong(attributes, name)
    }
  }

  #applyByPrefix(name: string, attributes: AttributeRecord): void {
    switch (name.charCodeAt(0)) {
      case 104 /* h */:
      case 114 /* r */: {
        const header = HEADER.exec(name)?.[1]
        if (header === undefined || this.#shows.has('headers')) return
        attributes[name] = scrubHeader(header, attributes[name], this.#shows.has('query'))
        return
      }
      case 103 /* g */:
        if (GEN_AI_PART.test(name) && !this.#shows.has('genai')) attributes[name] = REDACTED
        return
      case 100 /* d */:
        if (name.startsWith('db.query.parameter.') && !this.#shows.has('sql')) attributes[name] = REDACTED
        return
      default:
    }
  }
}

function cutLong(attributes: AttributeRecord, name: string): void {
  const value = attributes[name]
  const cut = cutValue(value)
  if (cut !== value) attributes[name] = cut
}

function applied(rule: Rule, value: string, all: AttributeRecord, take: TakeUnits): string {
  return take(Math.min(value.length, MAX_STATEMENT_CHARS)) ? rule(value, all) : REDACTED
}

const GEN_AI_PART = /^gen_ai\.(?:prompt|completion)\.\d+\./
const HEADER =
  /^(?:http\.(?:request|response)\.header|rpc\.(?:grpc\.|connect_rpc\.)?(?:request|response)\.metadata)\.(.+)$/

const hidden: Rule = () => REDACTED

function rules(shows: ReadonlySet<Capture>): ReadonlyMap<string, Rule> {
  const showsQuery = shows.has('query')
  const bounded =
    (scrub: (text: string, showsValues: boolean) => string): Rule =>
    (value) =>
      value.length > MAX_URL_CHARS ? REDACTED : scrub(value, showsQuery)
  const url = bounded(scrubUrl)
  const statement: Rule = (value, all) => sanitizeStatement(value.slice(0, MAX_STATEMENT_CHARS), systemOf(all), shows)
  const found = new Map<string, Rule>()
  const add = (rule: Rule, ...names: string[]): void => {
    for (const name of names) found.set(name, rule)
  }
  // The names of the semantic conventions, and their older names.
  add(url, 'url.full', 'http.url', 'http.target', 'url.original', 'messaging.url', 'db.connection_string')
  add(withoutCredentials, 'server.address', 'net.peer.name', 'net.host.name', 'http.host')
  // User agents of bots include an address, which may contain credentials.
  add((value) => scrubUrlsIn(value, showsQuery), 'user_agent.original', 'http.user_agent')
  add(bounded(scrubQuery), 'url.query')
  add(bounded(scrubPathOrUrl), 'url.path')
  add(scrubName, 'next.span_name')
  add(statement, 'db.query.text', 'db.statement')
  // The attribute identifies partitions by the values of their keys.
  if (!shows.has('sql')) add(hidden, 'aws.dynamodb.item_collection_metrics')
  if (!shows.has('messages')) {
    add(hidden, 'messaging.kafka.message.key', 'messaging.kafka.message_key')
    // The topic of a text message may be a phone number.
    add((value) => (PHONE_NUMBER.test(value) ? REDACTED : value), 'messaging.destination', 'messaging.destination.name')
  }
  if (!shows.has('genai')) add(hidden, ...GEN_AI_CONTENT)
  return found
}

/** Some instrumentations record a path with its query. */
function scrubPathOrUrl(text: string, showsValues: boolean): string {
  return text.includes('?') || text.includes('://')
    ? scrubUrl(text, showsValues)
    : scrubPath(hideUserInfo(text), showsValues)
}

const PHONE_NUMBER = /^\+?\d[\d -]{5,18}$/

const GEN_AI_CONTENT: readonly string[] = [
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  // Attributes of Vercel's AI SDK and of OpenLLMetry, whose spans are part of the same traces.
  'ai.prompt',
  'ai.prompt.messages',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'traceloop.entity.input',
  'traceloop.entity.output',
]

export function systemOf(attributes: AttributeRecord): string | undefined {
  const system = attributes['db.system.name'] ?? attributes['db.system']
  return typeof system === 'string' ? system : undefined
}

const CAPTURES: ReadonlyMap<string, Capture> = new Map([
  ['redis', 'redis'],
  ['valkey', 'redis'],
  ['mongodb', 'mongodb'],
  ['memcached', 'memcached'],
])

/**
 * Returns the kind of data that has to be allowed for the statements of a system to be exported. An unknown system may
 * use SQL.
 */
export function captureOf(system: string | undefined): Capture {
  return CAPTURES.get(system ?? '') ?? 'sql'
}

const SEARCH_ENGINES: ReadonlySet<string | undefined> = new Set(['elasticsearch', 'opensearch'])

function sanitizeStatement(statement: string, system: string | undefined, shows: ReadonlySet<Capture>): string {
  const capture = captureOf(system)
  if (shows.has(capture)) return statement
  if (capture === 'redis') return sanitizeRedis(statement)
  if (SEARCH_ENGINES.has(system) && isJsonQuery(statement)) return sanitizeJsonQuery(statement)
  // The instrumentations of other systems write `?` for each value unless they are configured otherwise.
  return capture === 'sql' ? sanitizeSql(statement, system ?? '') : statement
}
