import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Meter } from '@opentelemetry/api'
import type { TranslationStrategy } from '../../../../src/settings/settings.ts'
import { ACCEPT, collected, textOf } from '../../../support/collected-metrics.ts'

type Kind = 'counter' | 'gauge' | 'upDownCounter' | 'histogram'

async function nameOf(
  kind: Kind,
  name: string,
  unit: string,
  accept?: string,
  translationStrategy?: TranslationStrategy,
): Promise<string> {
  const result = await collected((meter) => record(meter, kind, name, unit))
  const text = textOf(result, accept, { translationStrategy, targetInfo: false })
  const sample = text.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? ''
  return (/^\{"([^"]*)"/.exec(sample)?.[1] ?? sample.split(/[ {]/)[0] ?? '').replace(/_bucket$/, '')
}

function record(meter: Meter, kind: Kind, name: string, unit: string): void {
  if (kind === 'counter') meter.createCounter(name, { unit }).add(1)
  else if (kind === 'gauge') meter.createGauge(name, { unit }).record(1)
  else if (kind === 'upDownCounter') meter.createUpDownCounter(name, { unit }).add(1)
  else meter.createHistogram(name, { unit }).record(1)
}

const NAMES: [kind: Kind, name: string, unit: string, expected: string][] = [
  ['histogram', 'http.server.request.duration', 's', 'http_server_request_duration_seconds'],
  ['gauge', 'nodejs.eventloop.delay.p99', 's', 'nodejs_eventloop_delay_p99_seconds'],
  ['gauge', 'nodejs.eventloop.utilization', '1', 'nodejs_eventloop_utilization_ratio'],
  ['upDownCounter', 'http.server.active_requests', '{request}', 'http_server_active_requests'],
  ['upDownCounter', 'share', '1', 'share'],
  ['gauge', 'process.speed', 'm/s', 'process_speed_meters_per_second'],
  ['counter', 'foo.bar', 'By', 'foo_bar_bytes_total'],
  ['counter', 'foo.bar.total', 'By', 'foo_bar_bytes_total'],
  ['counter', 'foo_bytes_total', 'By', 'foo_bytes_total'],
  ['counter', 'requests', '1', 'requests_total'],
  ['counter', '_total', '', '_total_total'],
  // Ending with the unit's letters is not ending with the unit.
  ['histogram', 'foo_milliseconds', 's', 'foo_milliseconds_seconds'],
  ['histogram', 'seconds_before_my_birthday', 's', 'seconds_before_my_birthday_seconds'],
  ['gauge', 'seconds', 's', 'seconds'],
  ['gauge', 'a..b--c', '', 'a_b_c'],
  ['gauge', '1st', '', '_1st'],
  ['gauge', 'a:b', '', 'a_b'],
]

for (const [kind, name, unit, expected] of NAMES) {
  test(`${kind} ${name} in ${JSON.stringify(unit)} is ${expected}`, async () => {
    assert.equal(await nameOf(kind, name, unit), expected)
  })
}

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/#interaction-with-translation-strategy */
const STRATEGIES: [strategy: TranslationStrategy, underscores: string, utf8: string][] = [
  ['UnderscoreEscapingWithSuffixes', 'foo_bar_bytes_total', 'foo_bar_bytes_total'],
  ['UnderscoreEscapingWithoutSuffixes', 'foo_bar', 'foo_bar'],
  ['NoUTF8EscapingWithSuffixes', 'foo_bar_bytes_total', 'foo.bar_bytes_total'],
  ['NoTranslation', 'foo_bar', 'foo.bar'],
]

for (const [strategy, underscores, utf8] of STRATEGIES) {
  test(`${strategy} and the scraper's escaping`, async () => {
    assert.equal(await nameOf('counter', 'foo.bar', 'By', undefined, strategy), underscores)
    assert.equal(await nameOf('counter', 'foo.bar', 'By', ACCEPT.openMetrics, strategy), underscores)
    assert.equal(await nameOf('counter', 'foo.bar', 'By', ACCEPT.utf8, strategy), utf8)
    assert.equal(
      await nameOf('counter', 'foo.bar', 'By', 'text/plain;version=1.0.0;escaping=allow-utf-8', strategy),
      utf8,
    )
  })
}
