import { join } from 'node:path'

type Change = readonly [file: string, from: string, to: string, imports?: string]

const OTLP_EXEMPLARS = JSON.stringify(join(import.meta.dirname, '..', 'src/export/otlp-exemplars.ts'))

/** In OTLP's data points of numbers, histograms and exponential histograms: the field of attributes, the field of exemplars. */
const FIELDS = [
  [7, 5],
  [9, 8],
  [1, 11],
] as const

const IN_OTLP: readonly Change[] = [
  ...FIELDS.map(([attributes, exemplars], i): Change => [
    'otlp-transformer/dist/metrics/protobuf/metrics-serializer.mjs',
    `writeAttributes(writer, dataPoint.attributes, ${attributes});`,
    `writeAttributes(writer, dataPoint.attributes, ${attributes}); writeExemplars(writer, dataPoint, ${exemplars}, writeAttributes);`,
    i === 0 ? `import { writeExemplars } from ${OTLP_EXEMPLARS}\n` : '',
  ]),
  [
    'otlp-transformer/dist/metrics/internal.mjs',
    'timeUnixNano: encoder.encodeHrTime(dataPoint.endTime)',
    'timeUnixNano: encoder.encodeHrTime(dataPoint.endTime), exemplars: toExemplars(dataPoint, encoder, toAttributes)',
    `import { toExemplars } from ${OTLP_EXEMPLARS}\n`,
  ],
]

/** What the build changes in dependencies for exemplars: the file, a line of it, what stands there instead, and imports. */
export const EXEMPLAR_CHANGES: readonly Change[] = [
  ...IN_OTLP,
  // Both measure when a socket tells them, in the context of the request that once opened it: an exemplar would show that
  // request's trace for ever. The one has the right span at hand, the other none.
  [
    'instrumentation-undici/dist/undici.mjs',
    'this.recordRequestDuration(attributes, startTime)',
    'this.recordRequestDuration(attributes, startTime, trace.setSpan(context.active(), span))',
  ],
  [
    'instrumentation-undici/dist/undici.mjs',
    'recordRequestDuration(attributes, startTime) {',
    'recordRequestDuration(attributes, startTime, measuredIn) {',
  ],
  [
    'instrumentation-undici/dist/undici.mjs',
    'record(durationSeconds, metricsAttributes)',
    'record(durationSeconds, metricsAttributes, measuredIn)',
  ],
  [
    'instrumentation-kafkajs/dist/instrumentation.mjs',
    'Number.parseInt(port, 10)\n\t\t});\n\t}\n\t_getProducerPatch',
    'Number.parseInt(port, 10)\n\t\t}, ROOT_CONTEXT);\n\t}\n\t_getProducerPatch',
  ],
]
