import type { Attributes } from '@opentelemetry/api'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { reasonOf, warn } from '../base/diag.ts'
import type { Capture, PrivacySettings } from '../settings/settings.ts'
import { type AttributeRecord, AttributeRules, captureOf, systemOf } from './attributes.ts'
import { sanitizeDatabaseError, sanitizeStack } from './database-errors.ts'
import { KnownErrors } from './known-errors.ts'
import { createPatterns, type Patterns } from './patterns.ts'
import { REDACTED } from './urls.ts'

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }
type Event = ReadableSpan['events'][number]

/** The last that happens to a span or a log record before it leaves the process, by whatever exporter. */
export interface Redaction {
  /** In place: an ended span is read by exporters alone. Twice is as good as once. */
  readonly span: (span: ReadableSpan) => void
  /** Only what `OBS_REDACT` names: what an app logs is its own word. */
  readonly log: (record: ReadableLogRecord) => ReadableLogRecord
}

export function createRedaction({ capture, redact }: PrivacySettings): Redaction {
  const shows = new Set(capture)
  const rules = new AttributeRules(shows)
  const patterns = createPatterns(redact)
  const known = new KnownErrors()
  const treat = (span: ReadableSpan): void => {
    const attributes = span.attributes as AttributeRecord
    const statement = statementOf(attributes)
    rules.apply(attributes)
    for (const event of span.events) if (event.attributes !== undefined) rules.apply(event.attributes)
    if (span.status.message !== undefined || span.events.length > 0) {
      const opens = captureOfErrors(span)
      if (opens === undefined) {
        if (!known.isEmpty)
          changeErrors(
            span,
            (text) => known.sanitize(text),
            (stack) => known.sanitize(stack),
          )
      } else if (!shows.has(opens)) sanitizeErrors(span, statement, statementOf(attributes), known)
    }
    if (patterns !== undefined) redactSpan(span, patterns)
  }
  let hasFailed = false
  return {
    span(span) {
      try {
        treat(span)
      } catch (thrown) {
        hide(span)
        if (!hasFailed)
          warn(`a span could not be redacted (${reasonOf(thrown)}); such spans leave without attributes and events`)
        hasFailed = true
      }
    },
    log(record) {
      if (patterns === undefined) return record
      redactAttributes(record.attributes as AttributeRecord, patterns)
      // Its own setter refuses: to processors it is complete.
      return Object.create(record, { body: { value: patterns.value(record.body), enumerable: true } }) as typeof record
    },
  }
}

/** What `OBS_REDACT` names, for attributes that have no rules of their own: a metric's, and names alone for a resource's. */
export interface AttributeRedaction {
  readonly hides: (attribute: string) => boolean
  /** The same object where nothing is hidden; the app's own stays as it is. */
  readonly attributes: (attributes: Attributes) => Attributes
}

export function createAttributeRedaction({ redact }: PrivacySettings): AttributeRedaction {
  const patterns = createPatterns(redact)
  return {
    hides: (attribute) => patterns?.hides(attribute) === true,
    attributes(attributes) {
      if (patterns === undefined) return attributes
      let redacted: Attributes | undefined
      for (const name in attributes) {
        const value = attributes[name]
        const shown = patterns.hides(name) ? REDACTED : (patterns.value(value) as typeof value)
        if (shown !== value) (redacted ??= { ...attributes })[name] = shown
      }
      return redacted ?? attributes
    },
  }
}

/** Rather nothing of it than something in plain. */
function hide(span: Writable<ReadableSpan>): void {
  span.attributes = {}
  span.events = []
  span.links = []
  span.status = { code: span.status.code }
}

function statementOf(attributes: AttributeRecord): string {
  const statement = attributes['db.query.text'] ?? attributes['db.statement']
  return typeof statement === 'string' ? statement : ''
}

/** Databases and GraphQL repeat values in their errors; what has to be opened up for that. */
function captureOfErrors({ attributes, instrumentationScope }: ReadableSpan): Capture | undefined {
  const system = systemOf(attributes as AttributeRecord)
  if (system !== undefined) return captureOf(system)
  return instrumentationScope.name === '@opentelemetry/instrumentation-graphql' ? 'graphql' : undefined
}

function sanitizeErrors(
  span: Writable<ReadableSpan>,
  statement: string,
  sanitizedStatement: string,
  known: KnownErrors,
): void {
  // Query builders put the whole statement in front.
  const sanitize = (message: string): string =>
    sanitizeDatabaseError(
      statement === '' ? message : message.replaceAll(statement, () => sanitizedStatement),
      sanitizedStatement,
    )
  const remembered = (message: string): string => {
    const sanitized = sanitize(message)
    known.remember(message, sanitized)
    return sanitized
  }
  changeErrors(span, remembered, (stack) => sanitizeStack(stack, sanitize))
}

type Change = (text: string) => string

function changeErrors(span: Writable<ReadableSpan>, changeMessage: Change, changeStack: Change): void {
  const { message } = span.status
  if (message !== undefined) span.status = { ...span.status, message: changeMessage(message) }
  for (const { attributes } of span.events as Event[]) {
    if (attributes === undefined) continue
    const { 'exception.message': said, 'exception.stacktrace': stack } = attributes
    if (typeof said === 'string') attributes['exception.message'] = changeMessage(said)
    if (typeof stack === 'string') attributes['exception.stacktrace'] = changeStack(stack)
  }
}

function redactSpan(span: Writable<ReadableSpan>, patterns: Patterns): void {
  redactAttributes(span.attributes as AttributeRecord, patterns)
  span.name = patterns.text(span.name)
  const { message } = span.status
  if (message !== undefined) span.status = { ...span.status, message: patterns.text(message) }
  for (const { attributes } of [...span.events, ...span.links]) {
    if (attributes !== undefined) redactAttributes(attributes as AttributeRecord, patterns)
  }
}

function redactAttributes(attributes: AttributeRecord, patterns: Patterns): void {
  for (const name in attributes) {
    attributes[name] = patterns.hides(name) ? REDACTED : patterns.value(attributes[name])
  }
}
