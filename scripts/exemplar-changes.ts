/** What the build changes in dependencies for exemplars: the file, a line of it, what stands there instead, and imports. */
export const EXEMPLAR_CHANGES: readonly (readonly [file: string, from: string, to: string, imports?: string])[] = [
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
