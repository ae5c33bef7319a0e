import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { joinBodies } from '../../../src/export/join-bodies.ts'
import { collectingProvider } from '../../support/collecting-provider.ts'
import { spansOf } from '../../support/otlp-decode.ts'
import { SCHEMAS } from '../../support/otlp-schema.ts'

type Bytes = Uint8Array<ArrayBuffer>

function body(service: string, names: readonly string[]): Bytes {
  const resource = resourceFromAttributes({ 'service.name': service, long: 'x'.repeat(300) })
  const { provider, ended } = collectingProvider({ resource })
  const tracer = provider.getTracer('t')
  for (const name of names) tracer.startSpan(name).end()
  return ProtobufTraceSerializer.serializeRequest(ended) as Bytes
}

function decoded(bytes: Bytes): { names: string[]; resources: number } {
  const { request } = SCHEMAS.traces
  const message = request.toObject(request.decode(bytes), { longs: String })
  return { names: spansOf(message).map(({ name }) => name), resources: (message['resourceSpans'] as unknown[]).length }
}

test('requests of one resource become one request, in which the resource is written once', () => {
  const joined = joinBodies('grpc', [body('a', ['one']), body('a', ['two', 'three']), body('a', ['four'])])
  assert.deepEqual(decoded(joined), { names: ['one', 'two', 'three', 'four'], resources: 1 })
})

test('requests of several resources are kept apart', () => {
  const joined = joinBodies('grpc', [body('a', ['one']), body('b', ['two'])])
  assert.deepEqual(decoded(joined), { names: ['one', 'two'], resources: 2 })
})

test('bodies with an unexpected layout are joined unchanged', () => {
  const odd = new Uint8Array([0x12, 0x01, 0x00])
  const normal = body('a', ['one'])
  assert.equal(joinBodies('grpc', [odd, normal]).byteLength, odd.byteLength + normal.byteLength)
  assert.equal(joinBodies('grpc', [new Uint8Array([0x0a, 0xff]), normal]).byteLength, 2 + normal.byteLength)
})

const json = (name: string): Bytes => new TextEncoder().encode(JSON.stringify({ resourceSpans: [{ name }] })) as Bytes

test('JSON', () => {
  const joined = Buffer.from(joinBodies('http/json', [json('a'), json('b')])).toString()
  assert.deepEqual(JSON.parse(joined), { resourceSpans: [{ name: 'a' }, { name: 'b' }] })
})

const ids = (...each: number[]): Bytes => new TextEncoder().encode(JSON.stringify(each)) as Bytes

test('Zipkin', () => {
  assert.deepEqual(JSON.parse(Buffer.from(joinBodies('zipkin', [ids(1, 2), ids(3)])).toString()), [1, 2, 3])
})

test('one request is the same, and none is empty', () => {
  const one = body('a', ['one'])
  assert.equal(joinBodies('grpc', [one]), one)
  assert.equal(joinBodies('grpc', []).byteLength, 0)
})
