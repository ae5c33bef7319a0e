import { load } from '../base/chunks.ts'

/**
 * Creates the aggregator of the SDK's `ExponentialHistogramAggregation`, which is loaded with the first one
 * (`scripts/patches/sdk-metrics.ts`).
 */
export function exponentialAggregator(maxSize: number, recordMinMax: boolean): object {
  const { ExponentialAggregator } = load<typeof import('./exponential-histogram.ts')>('exponential-histogram')
  return new ExponentialAggregator(maxSize, recordMinMax)
}
