import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runNode } from '../support/run-node.ts'

/**
 * What the SDK does for a span of the app and a context, counted rather than measured, since time is too noisy. Built-in
 * functions are replaced by counting ones before the preload takes them.
 */
const COUNTING = `
  const counts = { weakSets: 0, entries: 0, assignments: 0 }
  globalThis.counts = counts
  const { WeakSet } = globalThis
  globalThis.WeakSet = class extends WeakSet {
    constructor(...args) {
      super(...args)
      counts.weakSets += 1
    }
  }
  const { entries } = Object
  Object.entries = (object) => (counts.entries += 1, entries(object))
  Object.defineProperty(Object.prototype, 'counted', {
    configurable: true,
    set(value) {
      counts.assignments += 1
      Object.defineProperty(this, 'counted', { value, enumerable: true, configurable: true, writable: true })
    },
  })`

const APP = `
  const { context, createContextKey, trace } = require('@opentelemetry/api')
  const tracer = trace.getTracer('app')
  // The first span loads the SDK.
  tracer.startSpan('first').end()
  const attributes = { 'app.a': 'text', 'app.b': 1, 'app.c': true }
  Object.defineProperty(attributes, 'counted', { value: 1, enumerable: true })
  Object.assign(counts, { weakSets: 0, entries: 0, assignments: 0 })
  const [one, other] = ['one', 'other'].map((name) => tracer.startSpan(name, { attributes }))
  one.setAttribute('app.d', 'text')
  const found = {
    ...counts,
    sharesEnd: one._recordEndMetrics !== undefined && one._recordEndMetrics === other._recordEndMetrics,
    membersOfContext: Object.getOwnPropertyNames(context.active().setValue(createContextKey('key'), 'value')),
  }
  console.log(JSON.stringify(found))`

test('starting a span copies its attributes once and creates nothing for each of them, and a context has no functions of its own', async (t) => {
  const counting = `data:text/javascript,${encodeURIComponent(COUNTING)}`
  const { stdout, stderr } = await runNode(t, {
    nodeArgs: ['--import', counting],
    nodeArgsAfter: ['-e', APP],
    env: {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_METRICS_EXPORTER: 'none',
    },
  })
  assert.deepEqual(
    JSON.parse(stdout),
    { weakSets: 0, entries: 0, assignments: 2, sharesEnd: true, membersOfContext: [] },
    stderr,
  )
})
