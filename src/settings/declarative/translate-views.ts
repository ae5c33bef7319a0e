import type { InstrumentKind, SeriesLimits, ViewAggregation, ViewSettings } from '../settings.ts'
import type { ConfigSection } from './section.ts'

/**
 * Views and cardinality limits of a file's meter provider. They are data of their own, since no variables express them.
 */

const KINDS: readonly InstrumentKind[] = [
  'counter',
  'gauge',
  'histogram',
  'observable_counter',
  'observable_gauge',
  'observable_up_down_counter',
  'up_down_counter',
]

export function viewsOf(provider: ConfigSection): readonly ViewSettings[] {
  return provider.items('views').flatMap((view) => {
    const selector = view.child('selector')
    const stream = view.child('stream')
    if (selector === undefined || stream === undefined) return []
    for (const part of [selector, stream]) if (part.keys().length === 0) part.use()
    const instrumentName = textOf(selector, 'instrument_name')
    const keys = stream.child('attribute_keys')
    return [
      {
        instrumentName,
        instrumentKind: textOf(selector, 'instrument_type') as InstrumentKind | undefined,
        unit: textOf(selector, 'unit'),
        meterName: textOf(selector, 'meter_name'),
        meterVersion: textOf(selector, 'meter_version'),
        meterSchemaUrl: textOf(selector, 'meter_schema_url'),
        name: isOneName(instrumentName) ? textOf(stream, 'name') : undefined,
        description: textOf(stream, 'description'),
        aggregation: aggregationOf(stream.child('aggregation')),
        maxSeries: numberOf(stream, 'aggregation_cardinality_limit'),
        includedAttributes: listOf(keys, 'included'),
        excludedAttributes: listOf(keys, 'excluded') ?? [],
      },
    ]
  })
}

export function seriesLimitsOf(reader: ConfigSection): SeriesLimits {
  const limits = reader.child('cardinality_limits')
  if (limits === undefined) return {}
  const given = (['default', ...KINDS] as const).map((kind) => [kind, numberOf(limits, kind)] as const)
  return Object.fromEntries(given.filter(([, limit]) => limit !== undefined))
}

/** Several instruments cannot share one name. A name that is not read is reported. */
function isOneName(instrumentName: string | undefined): boolean {
  return instrumentName !== undefined && !/[*?]/.test(instrumentName)
}

function aggregationOf(section: ConfigSection | undefined): ViewAggregation | undefined {
  if (section === undefined) return undefined
  for (const kind of ['drop', 'sum', 'last_value'] as const) {
    if (section.child(kind) === undefined) continue
    section.use(kind)
    return { kind }
  }
  if (section.child('default') !== undefined) section.use('default')
  const explicit = section.child('explicit_bucket_histogram')
  if (explicit !== undefined) {
    if (explicit.keys().length === 0) explicit.use()
    const boundaries = explicit.whole('boundaries')
    return {
      kind: 'explicit_bucket_histogram',
      boundaries: Array.isArray(boundaries) ? (boundaries as number[]).toSorted((a, b) => a - b) : undefined,
      recordMinMax: explicit.scalar('record_min_max') !== false,
    }
  }
  const exponential = section.child('base2_exponential_bucket_histogram')
  if (exponential === undefined) return undefined
  if (exponential.keys().length === 0) exponential.use()
  return {
    kind: 'base2_exponential_bucket_histogram',
    maxSize: numberOf(exponential, 'max_size') ?? 160,
    recordMinMax: exponential.scalar('record_min_max') !== false,
  }
}

function textOf(section: ConfigSection, key: string): string | undefined {
  const value = section.scalar(key)
  return value === undefined ? undefined : String(value)
}

function numberOf(section: ConfigSection, key: string): number | undefined {
  const value = section.scalar(key)
  return typeof value === 'number' ? value : undefined
}

function listOf(section: ConfigSection | undefined, key: string): readonly string[] | undefined {
  const value = section?.whole(key)
  return Array.isArray(value) ? value.map(String) : undefined
}
