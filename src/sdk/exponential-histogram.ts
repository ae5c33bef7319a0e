// @ts-expect-error -- a part of the SDK that its entry does not export
import { ExponentialHistogramAggregator } from '../../node_modules/@opentelemetry/sdk-metrics/dist/aggregator/ExponentialHistogram.mjs'

/** The SDK's exponential histograms, which few services have: a chunk of its own. */
export const ExponentialAggregator: new (maxSize: number, recordMinMax: boolean) => object =
  ExponentialHistogramAggregator
