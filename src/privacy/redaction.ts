import type { Attributes } from '@opentelemetry/api'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { load } from '../base/chunks.ts'
import { Guard } from '../base/guard.ts'
import type { PrivacySettings } from '../settings/settings.ts'
import { type AttributeRecord, AttributeRules } from './attribute-rules.ts'
import { isInstrumentation } from './cut-values.ts'
import { KnownErrors } from './known-errors.ts'
import type { CompileLinear } from './linear-expression.ts'
import { createPatterns, type Patterns } from './patterns.ts'
import { captureOfErrors, SpanErrors } from './span-errors.ts'
import { scrubName } from './span-names.ts'
import { REDACTED } from './urls.ts'
import { scrubUrlsIn } from './urls-in-text.ts'
import { type TraceOfWork, WorkBudget } from './work-budget.ts'

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

const compileLate: CompileLinear = (source, flags) =>
  load<typeof import('./linear-expression.ts')>('linear-expression').linearExpression(source, flags)

/**
 * The privacy rules, applied as the last step before a span or a log record leaves the process through any exporter.
 */
export interface Redaction {
  /** Redacts in place, since only exporters read an ended span. Idempotent. */
  readonly span: (span: ReadableSpan) => void
  /**
   * Redacts attributes that are encoded separately from their span, in place, and returns them. It must not be used for
   * attributes of a database, whose rules need the span. `trace` is undefined for attributes that several spans share.
   */
  readonly attributes: (attributes: Attributes, trace?: TraceOfWork) => Attributes
  /** Whether a path of plain words (`isPlainPath`) is exported as it is. */
  readonly keepsPlain: boolean
  /** Applies `OBS_REDACT` only. */
  readonly text: (text: string) => string
  /** Applies `OBS_REDACT` only, because the app itself chooses what it logs. */
  readonly log: (record: ReadableLogRecord) => ReadableLogRecord
}

export function createRedaction({ capture, redact }: PrivacySettings, compile: CompileLinear = compileLate): Redaction {
  const shows = new Set(capture)
  const rules = new AttributeRules(shows)
  const budget = new WorkBudget()
  const patterns = createPatterns(redact, budget.take, compile)
  const known = new KnownErrors()
  const scopes: Scopes = new WeakMap()
  const treat = (span: ReadableSpan): void => {
    const attributes = span.attributes as AttributeRecord
    const statement = statementOf(attributes)
    budget.begin(span.spanContext())
    scrubNames(span)
    const cuts = isInstrumentation(span.instrumentationScope.name)
    if (!cuts) scrubScope(span, scopes)
    rules.apply(attributes, budget.take, cuts)
    for (const event of span.events)
      if (event.attributes !== undefined) rules.apply(event.attributes, budget.take, cuts)
    for (const link of span.links) if (link.attributes !== undefined) rules.apply(link.attributes, budget.take, cuts)
    if (span.status.message !== undefined || span.events.length > 0) {
      const opens = captureOfErrors(span)
      const errors = new SpanErrors(span, budget.take)
      if (opens === undefined) errors.change((text) => known.sanitize(text))
      else if (!shows.has(opens)) errors.sanitize(statement, statementOf(attributes), known)
      errors.change((text) => scrubUrlsIn(text, shows.has('query')))
    }
    if (patterns !== undefined) redactSpan(span, patterns)
  }
  const guard = new Guard('redacting a span', 'such spans are exported without attributes and events')
  return {
    span(span) {
      try {
        treat(span)
      } catch (thrown) {
        hide(span)
        guard.failed(thrown)
      }
    },
    attributes(attributes, trace) {
      const record = attributes as AttributeRecord
      try {
        if (trace === undefined) budget.beginAlone()
        else budget.begin(trace)
        rules.apply(record, budget.take, false)
        if (patterns !== undefined) redactAttributes(record, patterns)
        return attributes
      } catch (thrown) {
        guard.failed(thrown)
        return {}
      }
    },
    keepsPlain: patterns === undefined,
    text: (text) => (patterns === undefined ? text : patterns.text(text)),
    log(record) {
      if (patterns === undefined) return record
      budget.beginAlone()
      redactAttributes(record.attributes as AttributeRecord, patterns)
      // The setter of the record rejects changes, because for processors it is complete.
      return Object.create(record, { body: { value: patterns.value(record.body), enumerable: true } }) as typeof record
    },
  }
}

/**
 * Applies `OBS_REDACT` to attributes without rules of their own: those of metrics and, by name only, those of a
 * resource.
 */
export interface AttributeRedaction {
  readonly hides: (attribute: string) => boolean
  /** Returns the same object if nothing is hidden. The app's object is never changed. */
  readonly attributes: (attributes: Attributes) => Attributes
}

export function createAttributeRedaction(
  { redact }: PrivacySettings,
  compile: CompileLinear = compileLate,
): AttributeRedaction {
  // The values are the app's own, and each is read once while it is cached.
  const patterns = createPatterns(redact, () => true, compile)
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

/** Hides everything on a span, after an error of the rules: nothing is exported in plain text then. */
function hide(span: Writable<ReadableSpan>): void {
  span.attributes = {}
  span.events = []
  span.links = []
  span.status = { code: span.status.code }
}

function scrubNames(span: Writable<ReadableSpan>): void {
  const name = scrubName(span.name)
  if (name !== span.name) span.name = name
  for (const event of span.events as Writable<ReadableSpan['events'][number]>[]) {
    const scrubbed = scrubName(event.name)
    if (scrubbed !== event.name) event.name = scrubbed
  }
}

type Scope = ReadableSpan['instrumentationScope']
/** Scrubbed scopes by the original: exporters group spans by the object. */
type Scopes = WeakMap<Scope, Scope>

/**
 * Scrubs the name of a span's scope, since a library may name it after the URL that it was loaded from or that it
 * calls.
 */
function scrubScope(span: Writable<ReadableSpan>, scopes: Scopes): void {
  const scope = span.instrumentationScope
  const name = scrubName(scope.name)
  const version = scope.version && scrubName(scope.version)
  const schemaUrl = scope.schemaUrl && scrubName(scope.schemaUrl)
  if (name === scope.name && version === scope.version && schemaUrl === scope.schemaUrl) return
  let scrubbed = scopes.get(scope)
  if (scrubbed === undefined) scopes.set(scope, (scrubbed = { ...scope, name, version, schemaUrl } as Scope))
  span.instrumentationScope = scrubbed
}

function statementOf(attributes: AttributeRecord): string {
  const statement = attributes['db.query.text'] ?? attributes['db.statement']
  return typeof statement === 'string' ? statement : ''
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
