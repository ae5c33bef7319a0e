import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { endFailed } from '../../../src/instrumentation/operations/failure.ts'
import { KnownErrors } from '../../../src/privacy/known-errors.ts'
import { linearExpression } from '../../../src/privacy/linear-expression.ts'
import { createRedaction } from '../../../src/privacy/redaction.ts'
import { SpanErrors } from '../../../src/privacy/span-errors.ts'

type Attributes = Record<string, unknown>

interface Recorded {
  readonly status: { readonly code: number; readonly message?: string }
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[]
}

const FRAMES = '\n    at query (/app/users.js:3:5)'

/** What a span records of an error. `limit` is that of the SDK for the values of attributes. */
function recorded(message: string, limit = Infinity): Recorded {
  const event = { 'exception.message': message, 'exception.stacktrace': `Error: ${message}${FRAMES}` }
  const attributes = Object.fromEntries(Object.entries(event).map(([name, text]) => [name, text.slice(0, limit)]))
  return { status: { code: 2, message }, events: [{ name: 'exception', attributes }] }
}

/** What the span of a driver records. */
function recordedByDriver(message: string, limit?: number): Recorded {
  let status: Recorded['status'] = { code: 0 }
  const span = { setAttribute() {}, recordException() {}, end() {}, setStatus: (set: typeof status) => (status = set) }
  endFailed(span as never, { message })
  return { ...recorded(message, limit), status }
}

class Process {
  readonly #redaction = createRedaction({ capture: [], redact: { patterns: [], attributes: [] } }, linearExpression)

  /** Returns every text of the span that leaves the process. */
  export(parts: Recorded, scope: string, attributes: Attributes = {}): readonly string[] {
    const span = {
      name: 'span',
      attributes,
      links: [],
      instrumentationScope: { name: scope },
      spanContext: () => ({ traceId: '1'.repeat(32) }),
      ...structuredClone(parts),
    }
    this.#redaction.span(span as unknown as ReadableSpan)
    return [span.status.message ?? '', ...span.events.flatMap((event) => Object.values(event.attributes).map(String))]
  }

  exportDriver(parts: Recorded, attributes: Attributes = {}): readonly string[] {
    return this.export(parts, '@paxx/obs/pg', { 'db.system.name': 'postgresql', ...attributes })
  }
}

const UUID = 'invalid input syntax for type uuid: "'
/** Messages with values from their start to their end, by their length. */
const MESSAGES: Readonly<Record<string, (chars: number) => string>> = {
  'one word': (chars) => `${UUID}SECRET${'x'.repeat(chars)} SECRET"`,
  'many words': (chars) => `${UUID}${'SECRET '.repeat(chars / 7)}SECRET"`,
  'another language': (chars) => `ungültige Eingabe »${'SECRET '.repeat(chars / 7)}« SECRET`,
  'a text of the schema': (chars) => `Benutzer ${'SECRET '.repeat(chars / 7)}unbekannt SECRET`,
}
const LENGTHS = [100, 4000, 5000, 16_000, 16_384, 16_400, 20_000, 32_760, 70_000]
const WRAPPINGS: Readonly<Record<string, (message: string) => string>> = {
  'as it is': (message) => message,
  wrapped: (message) => `Query failed: ${message}`,
  'behind a long text': (message) => `${'INSERT '.repeat(2600)} - ${message}`,
  'behind a text of a trace': (message) => `Error: x${FRAMES}\ncaused by: ${message}`,
}

for (const [what, messageOf] of Object.entries(MESSAGES)) {
  test(`no part of a database's error leaves when the app records it again: ${what}`, () => {
    for (const chars of LENGTHS)
      for (const [how, wrapped] of Object.entries(WRAPPINGS))
        for (const limit of [Infinity, 60, 1000]) {
          const app = new Process()
          const message = messageOf(chars)
          const code = what === 'a text of the schema' ? { 'db.response.status_code': 'P0001' } : {}
          for (const text of [
            ...app.exportDriver(recordedByDriver(message, limit), code),
            ...app.export(recorded(wrapped(message), limit), 'app'),
          ])
            assert.doesNotMatch(text, /SECRET|xxxx/, `${chars} characters, ${how}, limit ${limit}`)
        }
  })
}

test('the rest of a text is kept where the whole message is known, and dropped where only its beginning is', () => {
  for (const [chars, shown] of [
    [100, `Query failed: invalid input syntax for type uuid: ?, again`],
    [20_000, `Query failed: invalid input syntax for type uuid: ?`],
  ] as const) {
    const app = new Process()
    const message = `${UUID}${'x'.repeat(chars)}"`
    app.exportDriver(recordedByDriver(message))
    assert.equal(app.export(recorded(`Query failed: ${message}, again`), 'app')[0], shown)
  }
})

test('a text that ends like a known message begins, but before any value, is kept', () => {
  const app = new Process()
  app.exportDriver(recordedByDriver(`${UUID}x"`))
  for (const text of ['no: invalid input syntax for type uuid: ', 'see invalid input syntax for type', 'inva'])
    assert.equal(app.export(recorded(text), 'app')[0], text)
})

test("a database's error is recognised even if the work budget of the driver's span was used up", () => {
  const known = new KnownErrors()
  const message = `${UUID}SECRET"`
  const span = { ...recordedByDriver(message), attributes: {}, instrumentationScope: { name: '' } }
  new SpanErrors(span as unknown as ReadableSpan, () => false).sanitize('', '', known)
  assert.equal(span.status.message, 'REDACTED')
  assert.equal(known.sanitize(`Query failed: ${message}`), 'Query failed: ?')
})
