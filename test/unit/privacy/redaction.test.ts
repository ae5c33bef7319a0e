import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { linearExpression } from '../../../src/privacy/linear-expression.ts'
import { createRedaction } from '../../../src/privacy/redaction.ts'
import type { Capture, PrivacySettings } from '../../../src/settings/settings.ts'

type Attributes = Record<string, unknown>

interface SpanLike {
  name: string
  attributes: Attributes
  status: { code: number; message?: string }
  events: { name: string; attributes?: Attributes }[]
  links: { attributes?: Attributes }[]
  instrumentationScope: { name: string }
}

function spanLike(parts: Partial<SpanLike>): SpanLike {
  const span = {
    name: 'span',
    attributes: {},
    status: { code: 0 },
    events: [],
    links: [],
    instrumentationScope: { name: '' },
  }
  return Object.defineProperty({ ...span, ...parts }, 'spanContext', { value: () => ({ traceId: '1'.repeat(32) }) })
}

function redacted(parts: Partial<SpanLike>, settings: Partial<PrivacySettings> = {}): SpanLike {
  const span = spanLike(structuredClone(parts))
  createRedaction({ capture: [], redact: { patterns: [], attributes: [] }, ...settings }, linearExpression).span(
    span as unknown as ReadableSpan,
  )
  return span
}

/** What those instrumentations write that the end-to-end test has no peer for. */
const SPANS: readonly (readonly [instrumentation: string, opens: Capture, before: Attributes, after: Attributes])[] = [
  ['nestjs-core', 'query', { 'url.full': '/a?b=c' }, { 'url.full': '/a?b=REDACTED' }],
  ['aws-lambda', 'query', { 'url.full': 'https://x/a?b=c' }, { 'url.full': 'https://x/a?b=REDACTED' }],
  [
    'older conventions',
    'query',
    { 'http.target': '/a?b=c', 'http.url': 'http://x?b=c' },
    { 'http.target': '/a?b=REDACTED', 'http.url': 'http://x?b=REDACTED' },
  ],
  [
    'grpc',
    'headers',
    { 'rpc.request.metadata.authorization': ['x'] },
    { 'rpc.request.metadata.authorization': ['REDACTED'] },
  ],
  ['kafkajs', 'messages', { 'messaging.kafka.message.key': 'bob' }, { 'messaging.kafka.message.key': 'REDACTED' }],
  [
    'aws-sdk (SNS)',
    'messages',
    { 'messaging.destination.name': '+15550100' },
    { 'messaging.destination.name': 'REDACTED' },
  ],
  [
    'aws-sdk (DynamoDB)',
    'sql',
    { 'aws.dynamodb.item_collection_metrics': ['{"k":"bob"}'] },
    { 'aws.dynamodb.item_collection_metrics': ['REDACTED'] },
  ],
  [
    'tedious',
    'sql',
    { 'db.system.name': 'microsoft.sql_server', 'db.query.text': "select N'bob', [x]" },
    { 'db.query.text': 'select ?, [x]' },
  ],
  [
    'elasticsearch',
    'sql',
    {
      'db.system.name': 'elasticsearch',
      'db.query.text': '{"query":{"match":{"a \\"b":"bob: 1"}},"size" : 10,"sort":["n",true],"cut":"bo',
    },
    { 'db.query.text': '{"query":{"match":{"a \\"b":"?"}},"size" : "?","sort":["?","?"],"cut":"?"' },
  ],
  [
    'opensearch, its language',
    'sql',
    { 'db.system.name': 'opensearch', 'db.query.text': "FROM users | WHERE name == 'bob'" },
    { 'db.query.text': 'FROM users | WHERE name == ?' },
  ],
  [
    'knex',
    'sql',
    { 'db.system.name': 'better-sqlite3', 'db.query.text': 'select "bob", `x`' },
    { 'db.query.text': 'select ?, `x`' },
  ],
  [
    'oracledb',
    'sql',
    { 'db.system.name': 'oracle.db', 'db.query.text': "select q'[bob]', :1" },
    { 'db.query.text': 'select ?, :1' },
  ],
  [
    'cassandra-driver',
    'sql',
    { 'db.system.name': 'cassandra', 'db.query.text': "insert ('bob')" },
    { 'db.query.text': 'insert (?)' },
  ],
  ['mysql', 'sql', { 'db.system.name': 'mysql', 'db.query.text': 'select "bob"' }, { 'db.query.text': 'select ?' }],
  ['without a system', 'sql', { 'db.statement': "select 'bob'" }, { 'db.statement': 'select ?' }],
  [
    'redis, older conventions',
    'redis',
    { 'db.system': 'redis', 'db.statement': 'set k bob' },
    { 'db.statement': 'set k ?' },
  ],
  ['bound parameters', 'sql', { 'db.query.parameter.0': 'bob' }, { 'db.query.parameter.0': 'REDACTED' }],
  [
    'AI SDKs',
    'genai',
    { 'gen_ai.input.messages': 'bob', 'gen_ai.request.model': 'm' },
    { 'gen_ai.input.messages': 'REDACTED' },
  ],
  ['OpenLLMetry', 'genai', { 'gen_ai.prompt.0.content': 'bob' }, { 'gen_ai.prompt.0.content': 'REDACTED' }],
  ["Vercel's AI SDK", 'genai', { 'ai.prompt.messages': 'bob' }, { 'ai.prompt.messages': 'REDACTED' }],
]

for (const [instrumentation, opens, before, after] of SPANS) {
  test(`${instrumentation}: ${Object.keys(after).join()} is hidden unless OBS_CAPTURE=${opens}`, () => {
    assert.deepEqual(redacted({ attributes: before }).attributes, { ...before, ...after })
    assert.deepEqual(redacted({ attributes: before }, { capture: [opens] }).attributes, before)
  })
}

test('credentials in a URL are hidden whatever OBS_CAPTURE allows', () => {
  const all: Capture[] = ['query', 'headers', 'sql', 'messages']
  const attributes = { 'messaging.url': 'amqp://u:p@mq/v', 'url.full': 'http://u:p@x/?q=1' }
  assert.deepEqual(redacted({ attributes }, { capture: all }).attributes, {
    'messaging.url': 'amqp://REDACTED:REDACTED@mq/v',
    'url.full': 'http://REDACTED:REDACTED@x/?q=1',
  })
})

test('attributes without user data are kept', () => {
  const attributes = {
    'http.route': '/users/:id',
    'url.path': '/users/7',
    'messaging.destination.name': 'orders',
    'db.collection.name': "it's",
    'my.own': "select 'x'?a=b",
    'http.request.header.x-tenant': ['blue'],
  }
  assert.deepEqual(redacted({ attributes }).attributes, attributes)
})

test('the error of a statement loses its values in status, event and stack, and keeps its names', () => {
  const message = `insert into "users" values (5) - duplicate key 'bob' in "users"`
  const parts = {
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'insert into "users" values (5)' },
    status: { code: 2, message },
    events: [
      {
        name: 'exception',
        attributes: { 'exception.message': message, 'exception.stacktrace': `Error: ${message}\n at x` },
      },
    ],
  }
  const sanitized = `insert into "users" values ? - duplicate key ? in "users"`
  const span = redacted(parts)
  assert.equal(span.status.message, sanitized)
  assert.deepEqual(span.events[0]?.attributes, {
    'exception.message': sanitized,
    'exception.stacktrace': `Error: ${sanitized}\n at x`,
  })
  assert.equal(redacted(parts, { capture: ['sql'] }).status.message, message)
  assert.equal(redacted({ ...parts, attributes: {} }).status.message, message)
})

test("a database's error loses its values also in the spans that it is passed on to", () => {
  const redaction = createRedaction({ capture: [], redact: { patterns: [], attributes: [] } }, linearExpression)
  const failed = (message: string, attributes: Attributes, stackMessage = message): SpanLike => {
    const event = { 'exception.message': message, 'exception.stacktrace': `Error: ${stackMessage}\n    at x` }
    const span = spanLike({
      attributes: { ...attributes },
      status: { code: 2, message },
      events: [{ name: 'exception', attributes: event }],
    })
    redaction.span(span as unknown as ReadableSpan)
    return span
  }
  const duplicate = "Duplicate entry 'bob'"
  const statement = "insert into users values ('bob')"
  const handler = failed(duplicate, {})
  assert.equal(handler.status.message, duplicate, 'not known yet')
  failed(duplicate, { 'db.system.name': 'mysql' })
  failed(`${statement} - ${duplicate}`, { 'db.system.name': 'mysql', 'db.query.text': statement })
  for (const [message, expected] of [
    [duplicate, 'Duplicate entry ?'],
    [`${statement} - ${duplicate}`, 'insert into users values ? - Duplicate entry ?'],
    [`could not save: ${statement} - ${duplicate}`, 'could not save: insert into users values ? - Duplicate entry ?'],
    [`'bob' is the app's word`, `'bob' is the app's word`],
  ] as const) {
    const { status, events } = failed(message, {}, duplicate)
    assert.equal(status.message, expected)
    assert.equal(events[0]?.attributes?.['exception.message'], expected)
    assert.equal(events[0]?.attributes?.['exception.stacktrace'], 'Error: Duplicate entry ?\n    at x')
  }
  for (let user = 0; user < 100; user++) failed(`Duplicate entry '${user}'`, { 'db.system.name': 'mysql' })
  assert.equal(failed(duplicate, {}).status.message, duplicate, 'bounded')
})

test('a stack loses the values of the message that the error had when it was made, and of its causes', () => {
  const frames = '    at query (/app/users.js:3:5)\n    at async /app/index.js:1:1'
  const stack = `Error: Duplicate entry 'bob'\nof two lines\n${frames}\n    --- (later)\n${frames}\ncaused by: Error: 'bob'\n${frames}`
  const attributes = { 'exception.message': `insert - Duplicate entry 'bob'`, 'exception.stacktrace': stack }
  const span = redacted({ attributes: { 'db.system.name': 'mysql' }, events: [{ name: 'exception', attributes }] })
  assert.equal(
    span.events[0]?.attributes?.['exception.stacktrace'],
    `Error: Duplicate entry ?\nof two lines\n${frames}\n    --- ?\n${frames}\ncaused by: Error: ?\n${frames}`,
  )
})

for (const scope of ['@opentelemetry/instrumentation-cassandra-driver', '@paxx/obs/pg', 'app']) {
  test(`what ${scope} writes is cut at 16,384 characters, attributes of the app's own spans apart`, () => {
    const long = 'x '.repeat(50_000)
    const list = Array.from({ length: 1000 }, () => 'y'.repeat(100))
    const { attributes, events, status } = redacted({
      instrumentationScope: { name: scope },
      attributes: { long, list, number: 1 },
      status: { code: 2, message: long },
      events: [{ name: 'exception', attributes: { 'exception.message': long, 'exception.stacktrace': long } }],
    })
    const kept = scope === 'app' ? 100_000 : 16_384
    assert.equal((attributes['long'] as string).length, kept)
    assert.equal((attributes['list'] as string[]).join('').length, kept)
    assert.equal(attributes['number'], 1)
    assert.equal(status.message?.length, 16_384)
    for (const value of Object.values(events[0]?.attributes ?? {})) assert.equal((value as string).length, 16_384)
  })
}

const partsOfGraphQL = (type: string) => ({
  instrumentationScope: { name: '@paxx/obs/graphql' },
  events: [
    {
      name: 'exception',
      attributes: { 'exception.type': type, 'exception.message': 'Expected type "Int", found "bob".' },
    },
  ],
})

const messageOf = (type: string, settings: Parameters<typeof redacted>[1] = {}): unknown =>
  redacted(partsOfGraphQL(type), settings).events[0]?.attributes?.['exception.message']

test('errors of GraphQL lose the values that they repeat, and those of resolvers stay as the app wrote them', () => {
  assert.equal(messageOf('GraphQLError'), 'Expected type ?, found ?.')
  assert.equal(messageOf('GraphQLError', { capture: ['graphql'] }), 'Expected type "Int", found "bob".')
  assert.equal(messageOf('TypeError'), 'Expected type "Int", found "bob".')
})

const REDACT = { patterns: [{ source: '\\d{4}', flags: 'g' }], attributes: ['enduser.*', 'password'] }

test('OBS_REDACT reaches name, attributes, status, events and links', () => {
  const span = redacted(
    {
      name: 'user 1234',
      attributes: { 'enduser.id': 'bob', numbers: ['1234', 'x'], port: 1234 },
      status: { code: 2, message: 'no 1234' },
      events: [{ name: 'e', attributes: { a: '1234' } }],
      links: [{ attributes: { a: '1234' } }],
    },
    { redact: REDACT },
  )
  assert.deepEqual(
    span,
    spanLike({
      name: 'user REDACTED',
      attributes: { 'enduser.id': 'REDACTED', numbers: ['REDACTED', 'x'], port: 1234 },
      status: { code: 2, message: 'no REDACTED' },
      events: [{ name: 'e', attributes: { a: 'REDACTED' } }],
      links: [{ attributes: { a: 'REDACTED' } }],
    }),
  )
})

const record = (): object => ({
  body: { text: 'call 1234', password: 'x', deep: [{ n: '1234' }] },
  attributes: { 'url.full': 'http://x/?a=b', password: 1 },
})

test('a log record stays as the app wrote it, except for matches of OBS_REDACT', () => {
  const redaction = createRedaction({ capture: [], redact: { patterns: [], attributes: [] } }, linearExpression)
  assert.deepEqual(redaction.log(record() as unknown as ReadableLogRecord), record())
  const patterned = createRedaction({ capture: [], redact: REDACT }, linearExpression).log(
    record() as unknown as ReadableLogRecord,
  )
  assert.deepEqual(patterned.body, { text: 'call REDACTED', password: 'REDACTED', deep: [{ n: 'REDACTED' }] })
  assert.deepEqual(patterned.attributes, { 'url.full': 'http://x/?a=b', password: 'REDACTED' })
})

test('patterns are applied to a bounded text, and the rest of a longer one is not exported', () => {
  const { attributes } = redacted({ attributes: { text: 'x'.repeat(1_000_000) } }, { redact: REDACT })
  assert.equal((attributes['text'] as string).length, 8192)
})

test('a span that cannot be redacted is exported without its content', () => {
  const span = spanLike({ status: { code: 2, message: 'bob' } })
  const attributes = Object.defineProperty({}, 'url.full', { get: () => 'http://x/?bob', enumerable: true })
  Object.assign(span, { attributes: Object.freeze(attributes), events: [{ name: 'e', attributes: { a: 'bob' } }] })
  const redaction = createRedaction({ capture: [], redact: { patterns: [], attributes: [] } }, linearExpression)
  redaction.span(span as unknown as ReadableSpan)
  assert.deepEqual(span, spanLike({ status: { code: 2 } }))
})

const RAISED: readonly (readonly [system: string, code: string | number, isKept: boolean])[] = [
  ['postgresql', '23505', true],
  ['postgresql', 'P0001', false],
  ['postgresql', 'U0042', false],
  ['mysql', '1062', true],
  ['mysql', '1644', false],
  ['mysql', 'ER_SIGNAL_EXCEPTION', false],
  ['microsoft.sql_server', '2627', true],
  ['microsoft.sql_server', '50000', false],
  ['oracle.db', 'ORA-00001', true],
  ['oracle.db', 'ORA-20001', false],
  ['mongodb', '11000', true],
]

for (const [system, code, isKept] of RAISED) {
  test(`the text of an error ${code} of ${system} ${isKept ? 'is kept without its values' : 'was written by the schema author and is removed'}`, () => {
    const attributes = { 'db.system.name': system, 'db.response.status_code': code }
    const { status } = redacted({ attributes, status: { code: 2, message: "unique constraint 'bob' violated" } })
    assert.equal(status.message, isKept ? 'unique constraint ? violated' : '?')
  })
}

test('credentials of URLs in messages and stacks of errors are hidden, the rest of the text is kept', () => {
  for (const [message, expected] of [
    ['credentials: http://usr:PW@host/x?y=1 (x)', 'credentials: http://REDACTED:REDACTED@host/x?y=REDACTED (x)'],
    [
      'no postgres://usr:P/W@host:5/db, no amqp://usr@mq',
      'no postgres://REDACTED:REDACTED@host:5/db, no amqp://REDACTED:REDACTED@mq',
    ],
    ['https://registry/@scope/name and bob@example.com', 'https://registry/@scope/name and bob@example.com'],
    ['http://[::1]:80/@a', 'http://[::1]:80/@a'],
  ] as const) {
    const event = { 'exception.message': message, 'exception.stacktrace': `Error: ${message}\n    at x` }
    const span = redacted({ status: { code: 2, message }, events: [{ name: 'exception', attributes: event }] })
    assert.equal(span.status.message, expected)
    assert.deepEqual(span.events[0]?.attributes, {
      'exception.message': expected,
      'exception.stacktrace': `Error: ${expected}\n    at x`,
    })
  }
})

test('attributes of links have the same rules as those of spans', () => {
  const { links } = redacted({ links: [{ attributes: { 'url.full': 'http://u:p@x/?a=b' } }] })
  assert.deepEqual(links, [{ attributes: { 'url.full': 'http://REDACTED:REDACTED@x/?a=REDACTED' } }])
})

test('a password after IDENTIFIED BY is removed, quoted or not', () => {
  for (const password of ['tiger', '"Tiger 1"', "'tiger'", "VALUES 'S:1F'"]) {
    const attributes = {
      'db.system.name': 'oracle.db',
      'db.query.text': `ALTER USER scott IDENTIFIED /* x */ BY ${password} REPLACE old`,
    }
    assert.equal(redacted({ attributes }).attributes['db.query.text'], 'ALTER USER scott IDENTIFIED   BY ?')
  }
})

test('an expression that needs backtracking is applied to the start of a text, and the rest is not exported', () => {
  const patterns = [{ source: String.raw`(\d)\1{3}(?!x)`, flags: 'g' }]
  const attributes = { text: `0000 1111x ${'a'.repeat(1000)}` }
  const text = redacted({ attributes }, { redact: { patterns, attributes: [] } }).attributes['text'] as string
  assert.ok(text.startsWith('REDACTED 1111x a') && text.length < 270, text)
})
