import { ours, type Patch, replaced } from './text-patch.ts'

const AGGREGATION = 'sdk-metrics/dist/view/Aggregation.mjs'

export const SDK_METRICS: readonly Patch[] = [
  {
    name: 'sdk-metrics: exponential histograms',
    reason: 'Exponential histograms are a sixth of what a start compiles of the SDK, and few services have one.',
    upstream:
      'No issue yet. Report: `ExponentialHistogramAggregation` could import its aggregator when it is first asked for.',
    test: 'test/package/chunk-modules.test.ts',
    changes: [
      replaced(
        AGGREGATION,
        'import { ExponentialHistogramAggregator } from "../aggregator/ExponentialHistogram.mjs";',
        `import { exponentialAggregator } from ${ours('src/sdk/exponential-aggregator.ts')};`,
      ),
      replaced(AGGREGATION, 'return new ExponentialHistogramAggregator(', 'return exponentialAggregator('),
    ],
  },
]
