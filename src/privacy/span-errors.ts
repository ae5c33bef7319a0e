import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Capture } from '../settings/settings.ts'
import { type AttributeRecord, captureOf, systemOf } from './attribute-rules.ts'
import { sanitizeDatabaseError, sanitizeStack } from './database-errors.ts'
import type { KnownErrors } from './known-errors.ts'
import { cutText } from './cut-values.ts'
import { replaceLinear } from './linear-search.ts'
import { isRaisedText } from './raised-errors.ts'
import { REDACTED } from './urls.ts'
import type { TakeUnits } from './work-budget.ts'

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }
type ChangeText = (text: string) => string

interface Changes {
  readonly message: ChangeText
  readonly stack: ChangeText
  /** Called with a message that is hidden whole, because no units are left for it. */
  readonly onHidden?: (message: string) => void
}

/** Stacks and messages are read up to this length, which allows for a statement in front of the message. */
const MAX_READ_CHARS = 32_768

/**
 * Returns the kind of data that has to be allowed for a span to show its errors: errors of databases, GraphQL and AWS
 * repeat values.
 */
export function captureOfErrors({ attributes, events, instrumentationScope }: ReadableSpan): Capture | undefined {
  const system = systemOf(attributes as AttributeRecord)
  if (system !== undefined) return captureOf(system)
  const opens = OF_SCOPE.get(instrumentationScope.name)
  // An error thrown by a resolver is the app's own.
  return opens === 'graphql' && !events.some(isOfGraphQL) ? undefined : opens
}

function isOfGraphQL({ attributes }: ReadableSpan['events'][number]): boolean {
  return attributes?.['exception.type'] === 'GraphQLError'
}

const OF_SCOPE: ReadonlyMap<string, Capture> = new Map([
  ['@paxx/obs/graphql', 'graphql'],
  ['@opentelemetry/instrumentation-aws-sdk', 'messages'],
])

/** The places in which a span repeats the text of errors: its status, and its exception events. */
export class SpanErrors {
  readonly #span: Writable<ReadableSpan>
  readonly #take: TakeUnits

  constructor(span: ReadableSpan, take: TakeUnits) {
    this.#span = span
    this.#take = take
  }

  /** Removes user values from the errors of a database or of GraphQL. */
  sanitize(statement: string, sanitizedStatement: string, known: KnownErrors): void {
    const attributes = this.#span.attributes as AttributeRecord
    const isRaised = isRaisedText(systemOf(attributes) ?? '', codeOf(attributes))
    const sanitize = (message: string): string => {
      if (isRaised) return '?'
      // Query builders prepend the whole statement.
      const shortened = replaceLinear(message, statement, sanitizedStatement)
      return sanitizeDatabaseError(shortened, sanitizedStatement)
    }
    const remembered = (message: string): string => {
      const sanitized = sanitize(message)
      known.remember(message, sanitized)
      return sanitized
    }
    this.#change({
      message: remembered,
      stack: (stack) => sanitizeStack(stack, sanitize),
      onHidden: (message) => known.rememberHidden(message),
    })
  }

  change(change: ChangeText): void {
    this.#change({ message: change, stack: change })
  }

  #change({ message: changeMessage, stack: changeStack, onHidden }: Changes): void {
    const { message } = this.#span.status
    if (message !== undefined)
      this.#span.status = { ...this.#span.status, message: this.#changed(message, changeMessage, onHidden) }
    for (const { attributes } of this.#span.events) {
      if (attributes === undefined) continue
      const { 'exception.message': recorded, 'exception.stacktrace': stack } = attributes
      if (typeof recorded === 'string')
        attributes['exception.message'] = this.#changed(recorded, changeMessage, onHidden)
      if (typeof stack === 'string') attributes['exception.stacktrace'] = this.#changed(stack, changeStack)
    }
  }

  #changed(text: string, change: ChangeText, onHidden?: Changes['onHidden']): string {
    const read = text.length > MAX_READ_CHARS ? text.slice(0, MAX_READ_CHARS) : text
    if (this.#take(read.length)) return cutText(change(read))
    onHidden?.(read)
    return REDACTED
  }
}

/** Returns the SQLSTATE or the vendor's code, from whichever attribute contains it. */
function codeOf(attributes: AttributeRecord): string {
  const code = attributes['db.response.status_code'] ?? attributes['error.type']
  return typeof code === 'string' || typeof code === 'number' ? String(code) : ''
}
