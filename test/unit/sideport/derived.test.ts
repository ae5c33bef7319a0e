import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { withDerivedMetrics } from '../../../src/sideport/derived.ts'
import { runAtOnce } from '../../../src/sdk/sliced-task.ts'
import { collected, linesOf, textOf } from '../../support/collected-metrics.ts'

const UPSTREAM = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const PROMISED = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

function requests(values: [value: number, attributes: Attributes][], boundaries = UPSTREAM): Promise<CollectionResult> {
  return collected((_, meterOf) => {
    const histogram = meterOf('@opentelemetry/instrumentation-http').createHistogram('http.server.request.duration', {
      unit: 's',
      advice: { explicitBucketBoundaries: boundaries },
    })
    for (const [value, attributes] of values) histogram.record(value, attributes)
  })
}

function served(method: string, route: string | undefined, status: number): Attributes {
  const attributes = { 'http.request.method': method, 'http.response.status_code': status, 'url.scheme': 'http' }
  return route === undefined ? attributes : { ...attributes, 'http.route': route }
}

function derived(...args: Parameters<typeof withDerivedMetrics>): CollectionResult {
  return runAtOnce(withDerivedMetrics(...args))
}

test('requests are counted by method, endpoint and status', async () => {
  const result = await requests([
    [0.02, served('GET', '/users/:id', 200)],
    [0.02, { ...served('GET', '/users/:id', 200), 'network.protocol.version': '1.1' }],
    [0.02, served('GET', '/users/:id', 404)],
    [0.02, served('POST', '/users', 201)],
    [0.02, served('GET', undefined, 404)],
    [0.02, served('GET', '', 404)],
  ])
  assert.deepEqual(linesOf(textOf(derived(result, assert.fail)), 'http_requests_total'), [
    '# HELP http_requests_total HTTP requests served.',
    '# TYPE http_requests_total counter',
    'http_requests_total{method="GET",endpoint="/users/:id",status="200"} 2',
    'http_requests_total{method="GET",endpoint="/users/:id",status="404"} 1',
    'http_requests_total{method="POST",endpoint="/users",status="201"} 1',
    'http_requests_total{method="GET",endpoint="unmatched",status="404"} 2',
  ])
})

function isSum(line: string): boolean {
  return line.startsWith('http_request_duration_seconds_sum')
}

function sumOf(lines: string[]): number {
  return Number(lines.find(isSum)?.split(' ').at(-1))
}

test('a request whose client disconnected does not count as 200', async () => {
  const aborted: Attributes = { ...served('GET', '/slow', 200), 'error.type': 'aborted' }
  const { 'http.response.status_code': _, ...unanswered } = aborted
  const failed = { ...served('GET', '/slow', 500), 'error.type': '500' }
  const result = await requests([
    [0.02, aborted],
    [0.02, unanswered],
    [0.02, failed],
    [0.02, served('GET', '/slow', 200)],
  ])
  assert.deepEqual(linesOf(textOf(derived(result, assert.fail)), 'http_requests_total').slice(2), [
    'http_requests_total{method="GET",endpoint="/slow",status="499"} 2',
    'http_requests_total{method="GET",endpoint="/slow",status="500"} 1',
    'http_requests_total{method="GET",endpoint="/slow",status="200"} 1',
  ])
})

test('durations are the same as if they had been measured in the documented buckets', async () => {
  const values = [0, ...UPSTREAM, ...UPSTREAM.map((bound) => bound * 1.01), 60]
  const result = await requests(values.map((value, i) => [value, served('GET', '/', 200 + (i % 3))]))
  const expected = await collected((meter) => {
    const advice = { explicitBucketBoundaries: PROMISED }
    const description = 'Duration of HTTP requests served, by endpoint.'
    const histogram = meter.createHistogram('http_request_duration_seconds', { unit: 's', description, advice })
    for (const value of values) histogram.record(value, { method: 'GET', endpoint: '/' })
  })
  const shown = linesOf(textOf(derived(result, assert.fail)), 'http_request_duration_seconds')
  const wanted = linesOf(textOf(expected), 'http_request_duration_seconds')
  assert.deepEqual(
    shown.filter((line) => !isSum(line)),
    wanted.filter((line) => !isSum(line)),
  )
  // Added up in another order, hence in floating point not bit for bit.
  assert.ok(Math.abs(sumOf(shown) - sumOf(wanted)) < 1e-9)
})

test('with other buckets the histogram is omitted, not estimated', async () => {
  const result = await requests([[0.3, served('GET', '/', 200)]], [0.1, 1])
  const problems: string[] = []
  const text = textOf(derived(result, (message) => problems.push(message)))
  assert.deepEqual(linesOf(text, 'http_request_duration_seconds'), [])
  assert.equal(linesOf(text, 'http_requests_total').length, 3)
  assert.match(problems[0] ?? '', /buckets of http\.server\.request\.duration were changed/)
})

test('the overflow series of the SDK is counted as overflow', async () => {
  const result = await requests([[0.3, { 'otel.metric.overflow': true }]])
  const lines = linesOf(textOf(derived(result, assert.fail)), 'http_requests_total{')
  assert.deepEqual(lines, ['http_requests_total{otel_metric_overflow="true"} 1'])
})

test('without the histogram, nothing is derived', async () => {
  const result = await collected((meter) => meter.createHistogram('http.client.request.duration').record(1))
  assert.equal(derived(result, assert.fail), result)
})
