import { type PatchSet, replaced, standsIn } from './text-patch.ts'

export const SDK_TRACE: PatchSet = {
  reason: 'Counting spans and cleaning attributes twice are a large part of what a span costs.',
  upstream:
    'No issue yet. Report: `Tracer.startSpan()` cleans the attributes for the sampler and the span cleans the same object again; `TracerMetrics` makes an attributes object and a map key for each span.',
  test: 'test/unit/sdk/tracer-metrics.test.ts, test/unit/export/span-encoder.test.ts',
  patches: [
    standsIn('@opentelemetry/sdk-trace/dist/TracerMetrics.mjs', 'src/sdk/tracer-metrics.ts'),
    // The attributes were sanitised for the sampler. They are sanitised again only if the sampler adds some or a limit
    // is near.
    replaced(
      '@opentelemetry/sdk-trace/dist/Tracer.mjs',
      'const attrsData2 = cleanAttributes(',
      `const attrsData2 = samplingResult.attributes === undefined && this._spanLimits.attributeValueLengthLimit === Infinity
      && Object.keys(attributes).length <= this._spanLimits.attributeCountLimit ? { attributes } : cleanAttributes(`,
    ),
  ],
}
