import { type Change, ours, type Patch, replaced } from './text-patch.ts'

const EXEMPLARS = ours('src/export/otlp-exemplars.ts')

/**
 * For OTLP's data points of numbers, histograms and exponential histograms: the field of attributes and the field of
 * exemplars.
 */
const FIELDS = [
  [7, 5],
  [9, 8],
  [1, 11],
] as const

export const OTLP_TRANSFORMER: readonly Patch[] = [
  {
    name: 'otlp-transformer: exemplars in protobuf',
    reason: 'The serialiser of data points writes no exemplars.',
    upstream: 'https://github.com/open-telemetry/opentelemetry-js/issues/5147, pull request 6830',
    test: 'test/e2e/exemplars.test.ts',
    changes: FIELDS.map(([attributes, exemplars], i): Change =>
      replaced(
        'otlp-transformer/dist/metrics/protobuf/metrics-serializer.mjs',
        `writeAttributes(writer, dataPoint.attributes, ${attributes});`,
        `writeAttributes(writer, dataPoint.attributes, ${attributes}); writeExemplars(writer, dataPoint, ${exemplars}, writeAttributes);`,
        i === 0 ? `import { writeExemplars } from ${EXEMPLARS}\n` : '',
      ),
    ),
  },
  {
    name: 'otlp-transformer: exemplars in JSON',
    reason: 'The serialiser of OTLP/JSON writes no exemplars.',
    upstream: 'https://github.com/open-telemetry/opentelemetry-js/issues/5147, pull request 6830',
    test: 'test/e2e/exemplars.test.ts',
    changes: [
      replaced(
        'otlp-transformer/dist/metrics/internal.mjs',
        'timeUnixNano: encoder.encodeHrTime(dataPoint.endTime)',
        'timeUnixNano: encoder.encodeHrTime(dataPoint.endTime), exemplars: toExemplars(dataPoint, encoder, toAttributes)',
        `import { toExemplars } from ${EXEMPLARS}\n`,
      ),
    ],
  },
]
