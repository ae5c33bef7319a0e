import type { Attributes } from '@opentelemetry/api'
import {
  type AggregationOption,
  AggregationType,
  type IAttributesProcessor,
  type InstrumentType,
  type MeterProvider,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import type { ViewAggregation, ViewSettings } from '../settings/settings.ts'
import { setOwn } from './own-attribute.ts'
import { stateOf } from './sdk-internals.ts'

/**
 * Converts the views of a configuration file to the SDK's. https://opentelemetry.io/docs/specs/otel/metrics/sdk/#view
 */
export function viewOptions(views: readonly ViewSettings[]): ViewOptions[] {
  return views.map((view) =>
    withoutUndefined({
      // `selectNames` applies the pattern.
      instrumentName: isPattern(view.instrumentName) ? '*' : view.instrumentName,
      instrumentType: view.instrumentKind?.toUpperCase() as InstrumentType | undefined,
      instrumentUnit: view.unit,
      meterName: view.meterName,
      meterVersion: view.meterVersion,
      meterSchemaUrl: view.meterSchemaUrl,
      name: view.name,
      description: view.description,
      aggregation: view.aggregation === undefined ? undefined : aggregationOption(view.aggregation),
      aggregationCardinalityLimit: view.maxSeries,
      attributesProcessors: attributesProcessors(view),
    }),
  )
}

/** Applies name patterns: the SDK's own support one `*` and no `?`. */
export function selectNames(provider: MeterProvider, views: readonly ViewSettings[]): void {
  const registered = stateOf(provider)?.viewRegistry._registeredViews ?? []
  for (const [index, { instrumentName }] of views.entries()) {
    const selector = registered[index]?.instrumentSelector
    if (instrumentName === undefined || !isPattern(instrumentName) || selector === undefined) continue
    const pattern = wildcard(instrumentName, 'i')
    selector.getNameFilter = () => ({ match: (name) => pattern.test(name) })
  }
}

function isPattern(name: string | undefined): boolean {
  return name === undefined || /[*?]/.test(name)
}

function aggregationOption(aggregation: ViewAggregation): AggregationOption {
  switch (aggregation.kind) {
    case 'drop':
      return { type: AggregationType.DROP }
    case 'sum':
      return { type: AggregationType.SUM }
    case 'last_value':
      return { type: AggregationType.LAST_VALUE }
    case 'explicit_bucket_histogram': {
      const { boundaries, recordMinMax } = aggregation
      const type = AggregationType.EXPLICIT_BUCKET_HISTOGRAM
      return boundaries === undefined ? { type } : { type, options: { boundaries: [...boundaries], recordMinMax } }
    }
    case 'base2_exponential_bucket_histogram': {
      const { maxSize, recordMinMax } = aggregation
      return { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize, recordMinMax } }
    }
  }
}

function attributesProcessors({
  includedAttributes,
  excludedAttributes,
}: ViewSettings): ViewOptions['attributesProcessors'] {
  if (includedAttributes === undefined && excludedAttributes.length === 0) return undefined
  return [new AttributeFilter(includedAttributes ?? ['*'], excludedAttributes)]
}

/** Metrics have a handful of attribute names; an app that generates names must not fill the memory. */
const MAX_REMEMBERED = 1000

class AttributeFilter implements IAttributesProcessor {
  readonly #included: readonly RegExp[]
  readonly #excluded: readonly RegExp[]
  readonly #known = new Map<string, boolean>()

  constructor(included: readonly string[], excluded: readonly string[]) {
    this.#included = included.map((pattern) => wildcard(pattern))
    this.#excluded = excluded.map((pattern) => wildcard(pattern))
  }

  process(incoming: Attributes): Attributes {
    const kept: Attributes = {}
    for (const name in incoming) if (this.#keeps(name)) setOwn(kept, name, incoming[name])
    return kept
  }

  #keeps(name: string): boolean {
    let keeps = this.#known.get(name)
    if (keeps === undefined) {
      keeps =
        this.#included.some((pattern) => pattern.test(name)) && !this.#excluded.some((pattern) => pattern.test(name))
      if (this.#known.size < MAX_REMEMBERED) this.#known.set(name, keeps)
    }
    return keeps
  }
}

function wildcard(pattern: string, flags = ''): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, `s${flags}`)
}

/** The SDK distinguishes an absent member from one that is undefined. */
function withoutUndefined<Value extends object>(value: Value): ViewOptions {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
}
