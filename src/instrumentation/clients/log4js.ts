import { isSpanContextValid, trace } from '@opentelemetry/api'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { patchMethod } from '../operations/patch.ts'

/**
 * Adds the ids of the active trace to the context of each event, from which layouts take them: `%X{trace_id}` in a
 * pattern, `context` in a JSON layout. An event copies its logger's context when it is created, which happens inside
 * `_log`.
 */
function patch(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    exports.prototype,
    '_log',
    (original) =>
      function () {
        const spanContext = trace.getActiveSpan()?.spanContext()
        if (spanContext === undefined || !isSpanContextValid(spanContext))
          return original.apply(this, arguments as never)
        if (tracer.options['disableLogCorrelation'] === true) return original.apply(this, arguments as never)
        const { traceId, spanId, traceFlags } = spanContext
        const own: unknown = this.context
        this.context = {
          trace_id: traceId,
          span_id: spanId,
          trace_flags: `0${traceFlags.toString(16)}`,
          ...(own as object),
        }
        try {
          return original.apply(this, arguments as never)
        } finally {
          this.context = own
        }
      },
  )
  return exports
}

export const client: Client = {
  hooks: [{ packageName: 'log4js', versions: ['>=4.0.0 <7'], files: ['log4js/lib/logger.js'], patch }],
  options: { disableLogCorrelation: 'boolean' },
}
