/**
 * Each MUST and SHOULD of the specification's Prometheus pages against this exporter and upstream's, as a table:
 * `node test/unit/sideport/conformance/statements.ts`. The tests beside it hold that it is true.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/
 */
import { ELSEWHERE, EXPORTER_REQUIREMENTS } from './exporter.ts'
import { METADATA_REQUIREMENTS } from './metadata.ts'
import { POINT_REQUIREMENTS } from './sample-points.ts'
import type { Elsewhere, Requirement } from './requirement.ts'

export const REQUIREMENTS: readonly Requirement[] = [
  ...METADATA_REQUIREMENTS,
  ...POINT_REQUIREMENTS,
  ...EXPORTER_REQUIREMENTS,
]

function rows(): string[] {
  const judged = REQUIREMENTS.map((requirement): Elsewhere => ({
    ...requirement,
    ours: 'met',
    shownBy: 'conformance.test.ts',
  }))
  return [...judged, ...ELSEWHERE].map(
    ({ section, level, words, ours, upstream, shownBy }) =>
      `| ${section} | ${level} ${words} | ${ours} | ${upstream} | ${shownBy} |`,
  )
}

if (import.meta.main) {
  console.log('| section | requirement | @paxx/obs | upstream | shown by |\n| --- | --- | --- | --- | --- |')
  console.log(rows().join('\n'))
}
