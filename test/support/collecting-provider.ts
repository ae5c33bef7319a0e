import type { Resource } from '@opentelemetry/resources'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'

const none = async (): Promise<void> => {}

/** Returns a provider of the SDK, and the list of its ended spans. */
export function collectingProvider(options: { readonly resource?: Resource } = {}): {
  readonly provider: TracerProvider
  readonly ended: ReadableSpan[]
} {
  const ended: ReadableSpan[] = []
  const collecting = {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => ended.push(span),
    forceFlush: none,
    shutdown: none,
  }
  return { provider: new TracerProvider({ ...options, spanProcessors: [collecting] }), ended }
}
