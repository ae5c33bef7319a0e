import type { Context, Exception, Span, SpanOptions, Tracer } from '@opentelemetry/api'
import { isAnswer } from './failures.ts'
import { markFailed } from './layer-spans.ts'

/**
 * Returns a tracer for upstream's spans of controllers and handlers, both of which record what a handler throws. The
 * exception is on the SERVER span already, so they only get its type and the status, and nothing for an error with a 4xx
 * status, which is a response.
 */
export function tracerOfNest(tracer: Tracer): Tracer {
  return {
    startSpan(name: string, options: SpanOptions = {}, of?: Context): Span {
      const span = tracer.startSpan(name, options, of)
      const isOfRequest = options.attributes?.['nestjs.type'] !== 'app_creation'
      return isOfRequest && span.isRecording() ? withoutExceptions(span) : span
    },
    startActiveSpan: tracer.startActiveSpan.bind(tracer),
  }
}

function withoutExceptions(span: Span): Span {
  span.recordException = (exception: Exception) => {
    if (!isAnswer(exception)) markFailed(span, exception)
    // Upstream sets the status again, with the message of the exception.
    span.setStatus = () => span
  }
  return span
}
