import type { Attributes, Meter } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import type { Exemplar } from '../../src/aggregation/exemplar.ts'
import { createExposition } from '../../src/sideport/exposition/exposition.ts'
import type { ExpositionOptions } from '../../src/sideport/exposition/exposition.ts'
import { negotiateFormat } from '../../src/sideport/exposition/negotiate.ts'
import { createPrometheusReader } from '../../src/sideport/reader.ts'

export const ACCEPT = {
  text: 'text/plain;version=0.0.4',
  openMetrics: 'application/openmetrics-text;version=1.0.0',
  utf8: 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  protobuf: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
}

/** What the real SDK gives for what was recorded; instruments named `exponential…` are exponential histograms. */
export async function collected(
  record: (meter: Meter, meterOf: (name: string, version?: string, schemaUrl?: string) => Meter) => void,
  resource: Record<string, string> = {},
): Promise<CollectionResult> {
  const { reader, collect } = createPrometheusReader()
  const provider = new MeterProvider({
    readers: [reader],
    resource: resourceFromAttributes(resource),
    views: [{ instrumentName: 'exponential*', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  })
  const meterOf = (name: string, version?: string, schemaUrl?: string): Meter =>
    provider.getMeter(name, version, schemaUrl === undefined ? undefined : { schemaUrl })
  record(provider.getMeter(''), meterOf)
  return collect()
}

/** The same, with these exemplars on its points. */
export function withExemplars(
  result: CollectionResult,
  exemplarsFor: (name: string, attributes: Attributes) => readonly Exemplar[] | undefined,
): CollectionResult {
  for (const { descriptor, dataPoints } of result.resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
    for (const point of dataPoints) {
      const exemplars = exemplarsFor(descriptor.name, point.attributes)
      if (exemplars !== undefined) Object.assign(point, { exemplars })
    }
  }
  return result
}

export function textOf(result: CollectionResult, accept: string = ACCEPT.text, options?: ExpositionOptions): string {
  return [...createExposition(options).pieces(result, negotiateFormat(accept))].join('')
}

export function bytesOf(
  result: CollectionResult,
  accept: string = ACCEPT.protobuf,
  options?: ExpositionOptions,
): Buffer {
  const pieces = [...createExposition(options).pieces(result, negotiateFormat(accept))]
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
}

/** Comments and samples of one family only. */
export function linesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) =>
    line
      .replace(/^# (?:HELP|TYPE|UNIT) /, '')
      .replace(/^\{"/, '')
      .startsWith(name),
  )
}
