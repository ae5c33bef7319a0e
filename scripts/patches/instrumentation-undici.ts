import { type PatchSet, replaced } from './patch.ts'

export const INSTRUMENTATION_UNDICI: PatchSet = {
  reason:
    'The duration is recorded in the context of the request that once opened the socket, so that its exemplar shows the trace of that request.',
  upstream: 'No issue yet; the instrumentation is being replaced.',
  test: 'test/e2e/exemplars.test.ts',
  patches: [
    replaced(
      'instrumentation-undici/dist/undici.mjs',
      'this.recordRequestDuration(attributes, startTime)',
      'this.recordRequestDuration(attributes, startTime, trace.setSpan(context.active(), span))',
    ),
    replaced(
      'instrumentation-undici/dist/undici.mjs',
      'recordRequestDuration(attributes, startTime) {',
      'recordRequestDuration(attributes, startTime, measuredIn) {',
    ),
    replaced(
      'instrumentation-undici/dist/undici.mjs',
      'record(durationSeconds, metricsAttributes)',
      'record(durationSeconds, metricsAttributes, measuredIn)',
    ),
  ],
}
