import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Attributes,
  type Context,
  context,
  createNoopMeter,
  type Histogram,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { CLIENTS } from '../../../../scripts/client-descriptors.ts'
import { DatabaseOperations } from '../../../../src/instrumentation/operations/database.ts'
import { verbOf } from '../../../../src/instrumentation/operations/verb.ts'

interface Recorded {
  readonly seconds: number
  readonly attributes: Attributes
  readonly context: Context | undefined
}

/** What an instrumentation does with its tracer. */
type Start = (name: string, attributes: Attributes, parent?: Context, kind?: SpanKind) => Span

function measured(client: string, active: readonly string[] = [], requiresParentSpan = false): [Start, Recorded[]] {
  const recorded: Recorded[] = []
  const record: Histogram['record'] = (seconds, attributes = {}, context) =>
    void recorded.push({ seconds, attributes, context })
  const meter = Object.assign(createNoopMeter(), { createHistogram: () => ({ record }) })
  const tracer = new DatabaseOperations(meter)
    .observe(new TracerProvider(), {
      client: CLIENTS.get(client)?.operations ?? assert.fail(client),
      requiresParentSpan,
      isActive: (name) => active.includes(name),
    })
    .getTracer(client)
  return [
    (name, attributes, parent = ROOT_CONTEXT, kind = SpanKind.CLIENT) =>
      tracer.startSpan(name, { kind, attributes }, parent),
    recorded,
  ]
}

interface Case {
  readonly label: string
  readonly client: string
  readonly name: string
  readonly attributes: Attributes
  /** Set on the span later. */
  readonly late?: Attributes
  readonly active?: readonly string[]
  /** Undefined: not measured. */
  readonly expected?: Attributes
}

const SERVER = { 'server.address': 'db', 'server.port': 1 }

const CASES: readonly Case[] = [
  {
    label: 'tedious: names without the text',
    client: 'tedious',
    name: 'execSql master',
    attributes: {
      ...SERVER,
      'db.system.name': 'microsoft.sql_server',
      'db.namespace': 'master',
      'db.query.text': "SELECT 'secret'",
    },
    expected: {
      ...SERVER,
      'db.system.name': 'microsoft.sql_server',
      'db.namespace': 'master',
      'db.operation.name': 'SELECT',
    },
  },
  {
    label: 'cassandra: the operation is in the name of the span, the server known later',
    client: 'cassandra-driver',
    name: 'cassandra-driver.batch',
    attributes: { 'db.system.name': 'cassandra', 'db.namespace': 'ks' },
    late: SERVER,
    expected: { ...SERVER, 'db.system.name': 'cassandra', 'db.namespace': 'ks', 'db.operation.name': 'batch' },
  },
  {
    label: 'redis 2 and 3: the server is known later',
    client: 'redis',
    name: 'get',
    attributes: { 'db.system.name': 'redis', 'db.operation.name': 'get', 'db.query.text': 'get secret' },
    late: SERVER,
    expected: { ...SERVER, 'db.system.name': 'redis', 'db.operation.name': 'get' },
  },
  {
    label: 'a connection is no operation',
    client: 'redis',
    name: 'redis.connect',
    attributes: { 'db.system.name': 'redis' },
  },
  {
    label: 'aws-sdk: DynamoDB',
    client: 'aws-sdk',
    name: 'DynamoDB.GetItem',
    attributes: { 'db.system.name': 'aws.dynamodb', 'db.operation.name': 'GetItem', 'rpc.service': 'DynamoDB' },
    expected: { 'db.system.name': 'aws.dynamodb', 'db.operation.name': 'GetItem' },
  },
  { label: 'aws-sdk: other services are no databases', client: 'aws-sdk', name: 'S3.GetObject', attributes: {} },
  {
    label: 'knex over a driver that is measured: the driver',
    client: 'knex',
    name: 'select shop.users',
    attributes: { 'db.system.name': 'mysql2', 'db.operation.name': 'select' },
    active: ['mysql2'],
  },
  {
    label: 'knex over a driver that is not',
    client: 'knex',
    name: 'select shop.users',
    attributes: {
      'db.system.name': 'mysql2',
      'db.operation.name': 'select',
      'db.collection.name': 'users',
      'knex.version': '3',
    },
    active: ['pg'],
    expected: { 'db.system.name': 'mysql', 'db.operation.name': 'select', 'db.collection.name': 'users' },
  },
  {
    label: 'knex over a driver that has no instrumentation',
    client: 'knex',
    name: 'first main',
    attributes: { 'db.system.name': 'better-sqlite3', 'db.operation.name': 'first', 'db.namespace': 'main' },
    active: ['pg', 'mysql2'],
    expected: { 'db.system.name': 'sqlite', 'db.operation.name': 'first', 'db.namespace': 'main' },
  },
  {
    label: 'mongoose: the driver below',
    client: 'mongoose',
    name: 'find users',
    attributes: { 'db.system.name': 'mongodb', 'db.operation.name': 'find' },
    active: ['mongodb'],
  },
  {
    label: 'mongoose alone',
    client: 'mongoose',
    name: 'find users',
    attributes: { 'db.system.name': 'mongodb', 'db.operation.name': 'find' },
    expected: { 'db.system.name': 'mongodb', 'db.operation.name': 'find' },
  },
  {
    label: 'a name that is none',
    client: 'memcached',
    name: 'get',
    attributes: { 'db.system.name': 'memcached' },
    late: { 'db.operation.name': 'a'.repeat(65) },
    expected: { 'db.system.name': 'memcached', 'db.operation.name': '_OTHER' },
  },
]

for (const { label, client, name, attributes, late, active, expected } of CASES) {
  test(label, () => {
    const [start, recorded] = measured(client, active)
    const span = start(name, attributes)
    if (late !== undefined) span.setAttributes(late)
    span.end()
    span.end()
    assert.deepEqual(
      recorded.map((each) => each.attributes),
      expected === undefined ? [] : [expected],
    )
    assert.ok(recorded.every(({ seconds }) => seconds >= 0 && seconds < 1))
  })
}

test('the same operations have the same attributes object', () => {
  const [start, recorded] = measured('ioredis')
  for (let n = 0; n < 2; n++) start('get', { 'db.system.name': 'redis', 'db.operation.name': 'get', n }).end()
  assert.equal(recorded.length, 2)
  assert.equal(recorded[0]?.attributes, recorded[1]?.attributes)
})

test('error.type is taken from the span, its exception or the conventions', () => {
  const [start, recorded] = measured('mysql2')
  const failed = (how: (span: Span) => void, code = SpanStatusCode.ERROR): void => {
    const span = start('SELECT', { 'db.system.name': 'mysql' })
    how(span)
    span.setStatus({ code, message: 'secret' })
    span.end()
  }
  failed((span) => span.setAttribute('error.type', 'ER_DUP_ENTRY'))
  failed((span) => span.recordException(Object.assign(new Error('secret'), { code: 'ECONNREFUSED' })))
  failed((span) => span.recordException(new TypeError('secret')))
  failed(() => {})
  failed((span) => span.recordException(new Error('handled')), SpanStatusCode.OK)
  assert.deepEqual(
    recorded.map(({ attributes }) => attributes['error.type']),
    ['ER_DUP_ENTRY', 'ECONNREFUSED', 'TypeError', '_OTHER', undefined],
  )
})

test('an operation that is passed on counts once, in spans and in the metric', () => {
  const [start, recorded] = measured('mysql')
  const attributes = { 'db.system.name': 'mysql' }
  const pool = start('SELECT', { ...attributes, 'db.query.text': 'SELECT 1' })
  const inPool = trace.setSpan(ROOT_CONTEXT, pool)
  const handedOn = start('SELECT', { ...attributes, 'db.query.text': 'SELECT 1' }, inPool)
  assert.deepEqual([handedOn.isRecording(), handedOn.spanContext()], [false, pool.spanContext()])
  handedOn.end()
  assert.equal(recorded.length, 0)
  // The same once more in its context is another, as is what follows.
  const again = start('SELECT', { ...attributes, 'db.query.text': 'SELECT 1' }, inPool)
  assert.equal(again.isRecording(), true)
  again.end()
  start('UPDATE', { ...attributes, 'db.query.text': 'UPDATE t' }, inPool).end()
  assert.equal(recorded.length, 2)
})

test('an operation that consists of others is measured as these', () => {
  const [start, recorded] = measured('mysql')
  const whole = start('SELECT', { 'db.system.name': 'mysql' })
  start('SELECT', { 'db.system.name': 'mysql' }, trace.setSpan(ROOT_CONTEXT, whole)).end()
  whole.end()
  assert.equal(recorded.length, 1)
})

test("over an instrumented driver there is no span: the driver's span has the parent it would have had", () => {
  const [start, recorded] = measured('knex', ['pg'])
  const parent = new TracerProvider().getTracer('t').startSpan('parent')
  const inParent = trace.setSpan(ROOT_CONTEXT, parent)
  const span = start('select shop.users', { 'db.system.name': 'postgresql' }, inParent)
  assert.deepEqual([span.isRecording(), span.spanContext()], [false, parent.spanContext()])
  span.end()
  assert.equal(recorded.length, 0)
  assert.equal(start('select', { 'db.system.name': 'postgresql' }).isRecording(), false)
  assert.equal(start('select', { 'db.system.name': 'mssql' }, inParent).isRecording(), true)
})

test('without a parent: no span if the client requires one, but measured', () => {
  const [start, recorded] = measured('ioredis', [], true)
  const attributes = { 'db.system.name': 'redis', 'db.operation.name': 'get' }
  const alone = start('get', attributes)
  alone.end()
  const parent = new TracerProvider().getTracer('t').startSpan('parent')
  const child = start('get', attributes, trace.setSpan(context.active(), parent))
  child.end()
  assert.deepEqual([alone.isRecording(), trace.isSpanContextValid(alone.spanContext())], [false, false])
  assert.equal(child.spanContext().traceId, parent.spanContext().traceId)
  assert.equal(recorded.length, 2)
  // For exemplars: the context has the span of the operation.
  const [, second] = recorded
  assert.equal(trace.getSpanContext(second?.context ?? ROOT_CONTEXT)?.spanId, child.spanContext().spanId)
})

test('the verb of a statement', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    'select 1': 'SELECT',
    "select'secret'": 'SELECT',
    '\n  (SELECT 1) UNION (SELECT 2)': 'SELECT',
    '/* who: me */ -- and why\n UPDATE t SET a = 1': 'UPDATE',
    'WITH x AS (SELECT 1) SELECT * FROM x': 'WITH',
    'selection of secrets': undefined,
    secret: undefined,
    '': undefined,
    "'SELECT'": undefined,
  }
  for (const [statement, verb] of Object.entries(cases)) assert.equal(verbOf(statement), verb, statement)
  assert.equal(verbOf(undefined), undefined)
  // A statement made to be slow, in processor time: unlike the time of day, it does not depend on what else the machine does.
  const before = process.threadCpuUsage().user
  verbOf(`${'/*'.repeat(50_000)}${'('.repeat(50_000)}`)
  assert.ok(process.threadCpuUsage().user - before < 1_000_000)
})
