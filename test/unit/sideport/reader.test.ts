import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { detectResources } from '@opentelemetry/resources'
import type { Resource } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { createPrometheusReader } from '../../../src/sideport/reader.ts'
import { textOf } from '../../support/collected-metrics.ts'

function detected(hostId: Promise<string>): Resource {
  return detectResources({ detectors: [{ detect: () => ({ attributes: { 'host.id': hostId } }) }] })
}

function logged(): string[] {
  const lines: string[] = []
  const log = (...args: unknown[]): void => void lines.push(args.join(' '))
  const logger = { error: log, warn: log, info: log, debug: log, verbose: log }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  return lines
}

test('resource attributes that come late are waited for', async () => {
  const lines = logged()
  const { reader, collect } = createPrometheusReader()
  const late = Promise.withResolvers<string>()
  new MeterProvider({ readers: [reader], resource: detected(late.promise) }).getMeter('x')
  const scrape = collect()
  await setImmediate()
  late.resolve('abc')
  assert.match(textOf(await scrape), /^target_info\{host_id="abc"\} 1$/m)
  assert.deepEqual(lines, [])
})

test('target_info is included in a later scrape', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines = logged()
  const { reader, collect } = createPrometheusReader()
  const late = Promise.withResolvers<string>()
  const resource = detected(late.promise)
  const provider = new MeterProvider({ readers: [reader], resource })
  provider.getMeter('m').createGauge('g').record(1)
  const scrape = collect()
  // The time limit starts once the metrics are collected.
  for (let turns = 0; turns < 10; turns++) await setImmediate()
  t.mock.timers.tick(1000)
  assert.equal(textOf(await scrape), '# TYPE g gauge\ng{otel_scope_name="m"} 1\n')
  late.resolve('abc')
  await resource.waitForAsyncAttributes?.()
  assert.match(textOf(await collect()), /^target_info\{host_id="abc"\} 1$/m)
  assert.deepEqual(lines, [])
})

test('a callback that never settles affects its own metric, not the scrape', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { reader, collect } = createPrometheusReader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('m')
  meter.createGauge('g').record(1)
  const hung = meter.createObservableGauge('hung')
  hung.addCallback(() => new Promise(() => {}))
  const scrape = collect()
  await setImmediate()
  t.mock.timers.tick(5000)
  const { errors, resourceMetrics } = await scrape
  assert.equal(errors.length, 1)
  assert.match(textOf({ errors, resourceMetrics }), /^g\{.*\} 1$/m)
})

test('a callback that throws or rejects with nothing costs its own metric', async () => {
  const { reader, collect } = createPrometheusReader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('m')
  meter.createGauge('g').record(1)
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('read')
      },
      getPrototypeOf() {
        throw new Error('asked')
      },
    },
  )
  const throwing = [null, undefined, 'text', Symbol('s'), hostile]
  for (const [index, thrown] of throwing.entries()) {
    meter.createObservableGauge(`throws${index}`).addCallback(() => {
      throw thrown
    })
    meter.createObservableGauge(`rejects${index}`).addCallback(() => Promise.reject(thrown))
  }
  const { errors, resourceMetrics } = await collect()
  assert.equal(errors.length, 2 * throwing.length)
  assert.ok(errors.every((error) => error instanceof Error))
  assert.match(textOf({ errors, resourceMetrics }), /^g\{.*\} 1$/m)
})
