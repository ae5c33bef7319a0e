import { type Patch, replaced, standsIn } from './text-patch.ts'

export const SDK_TRACE: readonly Patch[] = [
  {
    name: 'sdk-trace: metrics of spans',
    reason: 'Counting a span makes two attribute objects and a function.',
    upstream: 'No issue yet. Report: `TracerMetrics` makes an attributes object and a map key for each span.',
    test: 'test/e2e/work-per-span.test.ts',
    changes: [standsIn('@opentelemetry/sdk-trace/dist/TracerMetrics.mjs', 'src/sdk/tracer-metrics.ts')],
  },
  {
    name: 'sdk-trace: attributes of a new span',
    reason:
      'They are sanitised for the sampler, and then again for the span. The second time is needed only if the sampler adds some or a limit is near.',
    upstream:
      'No issue yet. Report: `Tracer.startSpan()` cleans the attributes for the sampler and the span cleans the same object again.',
    test: 'test/e2e/work-per-span.test.ts',
    changes: [
      replaced(
        '@opentelemetry/sdk-trace/dist/Tracer.mjs',
        'const attrsData2 = cleanAttributes(',
        `const attrsData2 = samplingResult.attributes === undefined && this._spanLimits.attributeValueLengthLimit === Infinity
      && Object.keys(attributes).length <= this._spanLimits.attributeCountLimit ? { attributes } : cleanAttributes(`,
      ),
    ],
  },
]
