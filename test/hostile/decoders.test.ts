import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { propagation, ROOT_CONTEXT, type TextMapPropagator, trace } from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray'
import { B3Propagator } from '@opentelemetry/propagator-b3'
import fc from 'fast-check'
import { GrpcClient } from '../../src/export/grpc-client.ts'
import { MessageReader, messagePrefix } from '../../src/export/grpc-message.ts'
import { decodedMessage, statusNamed } from '../../src/export/grpc-status.ts'
import { partialSuccessOf, partialSuccessOfJson } from '../../src/export/partial-success.ts'
import { fields } from '../../src/export/protobuf-fields.ts'
import { retryDelayOf } from '../../src/export/retry-info.ts'
import { strategyOfJson, strategyOfProtobuf } from '../../src/export/strategy.ts'
import { clientAddress, hostAndPort, serverAddress } from '../../src/instrumentation/http/addresses.ts'
import { plainTarget, requestTargetOf } from '../../src/instrumentation/http/request-target.ts'
import { JaegerPropagator, OtTracePropagator } from '../../src/providers/older-propagators.ts'
import { negotiateFormat } from '../../src/sideport/exposition/negotiate.ts'
import { createAuthenticator } from '../../src/sideport/auth.ts'
import { retryInfoDetails } from '../support/otlp-reply.ts'
import { settingsOf } from '../support/settings-of.ts'

/** Everything that decodes bytes from outside: it gives a value or refuses, comes to an end, and gives no more than it got. */

const bytes = fc.uint8Array({ maxLength: 200 })

/** A message that is one, with some of its bytes changed, cut or doubled. */
function broken(whole: Uint8Array): fc.Arbitrary<Buffer> {
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 })
  return fc.tuple(changes, fc.nat(whole.length), fc.boolean()).map(([changed, length, twice]) => {
    const copy = Buffer.from(whole)
    for (const [at, value] of changed) copy[at] = value
    const cut = copy.subarray(0, length)
    return twice ? Buffer.concat([cut, cut]) : cut
  })
}

function refusal(decode: () => unknown): Error | undefined {
  try {
    decode()
    return undefined
  } catch (thrown) {
    assert.ok(thrown instanceof Error)
    return thrown
  }
}

// ExportTraceServiceResponse { partial_success { rejected_spans: 5, error_message: "no" } }
const PARTIAL = Buffer.from('0a0608051202', 'hex')
const PARTIAL_SUCCESS = Buffer.concat([PARTIAL, Buffer.from('no')])
const RETRY_INFO = retryInfoDetails(14, 'wait', 3000)

test('responses of a collector: any bytes are decoded or ignored', () => {
  assert.deepEqual(partialSuccessOf(PARTIAL_SUCCESS), { rejected: 5, message: 'no' })
  assert.equal(retryDelayOf(RETRY_INFO), 3000)
  const any = fc.oneof(bytes, broken(PARTIAL_SUCCESS), broken(RETRY_INFO))
  fc.assert(
    fc.property(any, (answer) => {
      const partial = partialSuccessOf(answer)
      assert.ok(partial === undefined || (partial.rejected >= 0 && partial.message.length <= answer.length))
      const delayMs = retryDelayOf(answer)
      assert.ok(delayMs === undefined || typeof delayMs === 'number')
      refusal(() => strategyOfProtobuf(answer))
    }),
    { numRuns: 3000 },
  )
})

test('four megabytes of the smallest fields are refused, not made two million objects of', () => {
  assert.throws(() => fields(Buffer.alloc(4 * 2 ** 20, Buffer.from([8, 0]))), /too many fields/)
  assert.equal(partialSuccessOf(Buffer.alloc(4 * 2 ** 20, Buffer.from([8, 0]))), undefined)
})

test('any JSON and any text of a collector or a sampling server', () => {
  const partial = fc.record({ partialSuccess: fc.anything({ maxDepth: 2 }) }).map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), partial), (text) => {
      const read = partialSuccessOfJson(text)
      assert.ok(read === undefined || Number.isSafeInteger(read.rejected))
      refusal(() => strategyOfJson(text))
    }),
    { numRuns: 1000 },
  )
  assert.equal(partialSuccessOfJson('['.repeat(60_000)), undefined)
})

test('any grpc-message and grpc-status', () => {
  const text = fc.string({ unit: fc.constantFrom('%', '%f', '%ff', '%C3', '%00', 'é', '\ud800', 'a'), maxLength: 40 })
  fc.assert(
    fc.property(text, (message) => {
      assert.ok(decodedMessage(message).length <= message.length)
      assert.equal(typeof statusNamed(message), 'string')
    }),
  )
})

test('any pieces of a gRPC message, and compressed ones that grow', () => {
  const whole = Buffer.concat([messagePrefix(PARTIAL_SUCCESS.length, false), PARTIAL_SUCCESS])
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, broken(whole)), { maxLength: 4 }), fc.boolean(), (pieces, isGzip) => {
      refusal(() => {
        const reader = new MessageReader()
        for (const piece of pieces) reader.take(Buffer.from(piece))
        const message = reader.message(isGzip ? 'gzip' : undefined)
        assert.ok(message.length <= 4 * 2 ** 20)
      })
    }),
    { numRuns: 1000 },
  )
  const bomb = process.getBuiltinModule('node:zlib').gzipSync(Buffer.alloc(64 * 2 ** 20))
  const reader = new MessageReader()
  reader.take(Buffer.concat([messagePrefix(bomb.length, true), bomb]))
  assert.throws(() => reader.message('gzip'), RangeError)
})

/** A frame of HTTP/2. `lies`: by how many bytes its length is wrong. */
function frameOf(type: number, flags: number, stream: number, payload: Uint8Array, lies = 0): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(Math.max(0, payload.length + lies), 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const lengthAndText = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])

/** A block of HPACK, each field a literal (RFC 7541 §6.2.2). */
function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(headers).map(([name, value]) =>
      Buffer.concat([Buffer.of(0), lengthAndText(name), lengthAndText(value)]),
    ),
  )
}

const [DATA, HEADERS, SETTINGS_FRAME] = [0, 1, 4]
const [END_STREAM, END_HEADERS] = [1, 4]
const SETTINGS = frameOf(SETTINGS_FRAME, 0, 0, Buffer.alloc(0))
/** What a collector answers to the first call. */
const ANSWER = Buffer.concat([
  SETTINGS,
  frameOf(HEADERS, END_HEADERS, 1, headerBlock({ ':status': '200', 'content-type': 'application/grpc' })),
  frameOf(DATA, 0, 1, Buffer.concat([messagePrefix(PARTIAL_SUCCESS.length, false), PARTIAL_SUCCESS])),
  frameOf(HEADERS, END_HEADERS | END_STREAM, 1, headerBlock({ 'grpc-status': '0', 'grpc-message': 'a%20b' })),
])

const frames = fc
  .array(
    fc.tuple(
      fc.nat(12),
      fc.nat(255),
      fc.constantFrom(0, 1, 3, 0x7fffffff),
      fc.oneof(fc.uint8Array({ maxLength: 60 }), broken(headerBlock({ 'grpc-status': '14', 'grpc-message': 'x' }))),
      fc.integer({ min: -2, max: 2 }),
    ),
    { maxLength: 5 },
  )
  .map((all) => Buffer.concat([SETTINGS, ...all.map((parts) => frameOf(...parts))]))

test('any HTTP/2 frames and HPACK blocks end a call with a status', { timeout: 60_000 }, async (t) => {
  let response: Buffer = ANSWER
  const server = createServer((socket) => {
    socket.on('error', () => {})
    // The connection's preface and the request are there.
    socket.once('data', () => socket.end(response))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = (timeoutMs: number): ReturnType<GrpcClient['call']> =>
    new GrpcClient({ endpoint, proxy: undefined }).call({
      method: '/a/b',
      message: Buffer.from('x'),
      metadata: {},
      compression: 'none',
      timeoutMs,
    })
  const whole = await call(5000)
  assert.deepEqual(whole.status === 'OK' && Buffer.from(whole.message), PARTIAL_SUCCESS, JSON.stringify(whole))
  await fc.assert(
    fc.asyncProperty(fc.oneof(frames, broken(ANSWER)), async (bytesSaid) => {
      response = bytesSaid
      const answer = await call(200)
      assert.notEqual(answer.status, undefined)
      if (answer.status !== 'OK') assert.ok(answer.reason !== '' && answer.reason.length < 4000, answer.reason)
    }),
    { numRuns: 150 },
  )
})

const PROPAGATORS: Readonly<Record<string, TextMapPropagator>> = {
  w3c: new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  b3: new B3Propagator(),
  xray: new AWSXRayPropagator(),
  jaeger: new JaegerPropagator(),
  ottrace: new OtTracePropagator(),
}

const ID = 'a'.repeat(32)
const VALUES = [
  `00-${ID}-${ID.slice(16)}-01`,
  `ff-${ID}-${ID.slice(16)}-01-x`,
  `${ID}-${ID.slice(16)}-1-${ID.slice(16)}`,
  `Root=1-${ID.slice(24)}-${ID.slice(8)};Parent=${ID.slice(16)};Sampled=1`,
  `${ID}:${ID.slice(16)}:0:1`,
  'a=1,b=2;p=%E0%A4%A',
  '%',
  'a=b'.repeat(3000),
  ',;=:-',
]
const NAMES =
  'traceparent tracestate baggage b3 x-b3-traceid x-b3-spanid x-b3-sampled x-b3-flags x-amzn-trace-id uber-trace-id uberctx-a uberctx- uberctx-__proto__ jaeger-baggage ot-tracer-traceid ot-tracer-spanid ot-tracer-sampled ot-baggage-a __proto__'.split(
    ' ',
  )
const value = fc.oneof(fc.constantFrom(...VALUES), fc.string(), broken(Buffer.from(VALUES.join(''))).map(String))
const headers = fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(value, fc.array(value, { maxLength: 3 })), {
  maxKeys: 8,
})

for (const [name, propagator] of Object.entries(PROPAGATORS)) {
  test(`any trace headers are read by ${name}: a valid parent or none, baggage within its bound`, () => {
    fc.assert(
      fc.property(headers, (carrier) => {
        const context = propagator.extract(ROOT_CONTEXT, carrier, {
          keys: Object.keys,
          get: (from: typeof carrier, key) => (Object.hasOwn(from, key) ? from[key] : undefined),
        })
        const parent = trace.getSpanContext(context)
        if (parent !== undefined) {
          assert.match(parent.traceId, /^[0-9a-f]{32}$/)
          assert.match(parent.spanId, /^[0-9a-f]{16}$/)
        }
        const entries = propagation.getBaggage(context)?.getAllEntries() ?? []
        assert.ok(entries.length <= 200 && JSON.stringify(entries).length < 40_000)
        propagator.inject(context, {}, { set: (_, key, text) => assert.ok(String(key) !== '' && text !== undefined) })
      }),
      { numRuns: 500 },
    )
  })
}

test('any headers and targets of a request to the app', () => {
  const word = fc.string({
    unit: fc.constantFrom('"', '\\', ';', ',', '=', 'for', 'host', '[', ']', ':', '%', '/', '//', '?', '@', 'a', '\t'),
    maxLength: 30,
  })
  const forwarded = fc.record(
    { forwarded: word, 'x-forwarded-for': word, 'x-forwarded-host': word, host: word, 'x-real-ip': word },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(forwarded, word, (given, url) => {
      assert.ok((clientAddress(given)?.length ?? 0) <= 300)
      serverAddress(given, 'http')
      hostAndPort(url, 'http')
      plainTarget(url)
      requestTargetOf(url)
    }),
    { numRuns: 1000 },
  )
})

test('any Accept and Authorization header of a scrape', async () => {
  const authenticator = createAuthenticator({ basicAuth: undefined, bearerToken: 'right' })
  const word = fc.string({
    unit: fc.constantFrom(
      'text/plain',
      'application/',
      ';',
      ',',
      'q=',
      '0.',
      '1e9',
      '"',
      '=',
      ' ',
      'Bearer',
      'Basic',
      '*/*',
      'é',
    ),
    maxLength: 30,
  })
  await fc.assert(
    fc.asyncProperty(word, async (header) => {
      assert.equal(typeof negotiateFormat(header), 'object')
      assert.equal(await authenticator?.check(header, '::1'), 'refused')
    }),
    { numRuns: 500 },
  )
})

const scalar = fc.oneof(
  fc.constantFrom(
    '${A}',
    '${A:-b}',
    '${env:A}',
    '${',
    '$$',
    '*a',
    '&a 1',
    '!!binary x',
    '{',
    '[',
    '- ',
    '|',
    '>',
    '"',
    '~',
    '1e999',
    '0x',
    '<<: *a',
    '? ',
  ),
  fc.string({ maxLength: 12 }),
)
const KEYS = [
  'file_format',
  'resource',
  'attributes',
  'tracer_provider',
  'processors',
  'batch',
  'exporter',
  'otlp_http',
  'endpoint',
  'views',
  'selector',
  '__proto__',
  'constructor',
]
const document = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc
    .array(fc.tuple(fc.nat(4), fc.constantFrom(...KEYS), scalar), { maxLength: 12 })
    .map((lines) =>
      ['file_format: "1.0"', ...lines.map(([depth, key, text]) => `${'  '.repeat(depth)}${key}: ${text}`)].join('\n'),
    ),
  fc.json().map((json) => `{"file_format": "1.0", "resource": ${json}}`),
)

test('any configuration file gives settings, with few and short lines', () => {
  fc.assert(
    fc.property(document, (text) => {
      const settings = settingsOf({ OTEL_CONFIG_FILE: '/c.yaml', A: 'x: [1' }, { '/c.yaml': text })
      assert.ok(Object.isFrozen(settings))
      assert.ok(settings.problems.length <= 60)
      for (const { message } of settings.problems) assert.ok(message.length < 2000, message)
      assert.equal(({} as Record<string, unknown>)['endpoint'], undefined)
    }),
    { numRuns: 400 },
  )
})

const LARGE: Readonly<Record<string, string>> = {
  'aliases of aliases': `file_format: "1.0"\n${Array.from({ length: 30 }, (_, n) => `a${n}: &a${n} [${n === 0 ? '1' : `*a${n - 1}, *a${n - 1}`}]`).join('\n')}`,
  'brackets in brackets': `file_format: "1.0"\nresource: ${'['.repeat(20_000)}`,
  'maps in maps': `file_format: "1.0"\nresource: ${'{a: '.repeat(20_000)}`,
  'ten thousand keys': `file_format: "1.0"\n${Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join('\n')}`,
  'keys of one map in braces': `file_format: "1.0"\nresource: {${Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join()}}`,
  'attributes of a resource': `file_format: "1.0"\nresource:\n  attributes:\n${Array.from({ length: 5000 }, (_, n) => `    - { name: n${n}, value: 1 }\n`).join('')}extra: 1`,
  'processors without effect': `file_format: "1.0"\ntracer_provider:\n  processors:\n${'    - simple: { exporter: { otlp_http: { endpoint: "http://h" } } }\n'.repeat(3000)}`,
  'references that never close': `file_format: "1.0"\nlog_level: "${'${'.repeat(250_000)}"`,
  'a key twice': `file_format: "1.0"\nresource: {a: 1, b: 2, a: 3}`,
  references: `file_format: "1.0"\nlog_level: "${'${A}'.repeat(100_000)}"`,
  'brackets of JSON': `{"file_format": "1.0", "resource": ${'['.repeat(100_000)}`,
}

for (const [label, text] of Object.entries(LARGE)) {
  test(
    `a configuration file of ${label} is used or refused, in bounded time and few lines`,
    { timeout: 20_000 },
    () => {
      const { problems } = settingsOf({ OTEL_CONFIG_FILE: '/c.yaml', A: 'b' }, { '/c.yaml': text })
      assert.ok(problems.length >= 1 && problems.length <= 60, `${problems.length}`)
    },
  )
}
