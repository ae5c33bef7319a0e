import { load } from '../base/chunks.ts'

/** What the SDK's `ExponentialHistogramAggregation` makes, loaded with the first one (`scripts/patches/sdk-metrics.ts`). */
export function exponentialAggregator(maxSize: number, recordMinMax: boolean): object {
  const { ExponentialAggregator } = load<typeof import('./exponential-histogram.ts')>('exponential-histogram')
  return new ExponentialAggregator(maxSize, recordMinMax)
}
