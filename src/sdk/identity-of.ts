import type { Span, SpanContext } from '@opentelemetry/api'
import { DeferredSpan } from './deferred-span.ts'
import { SpanIdentity } from './span-identity.ts'
import { UnrecordedSpan } from './unrecorded-span.ts'

/** Returns ids and flags of a span. For a span of our own the ids are not converted to text. */
export function spanIdentityOf(span: Pick<Span, 'spanContext'>): SpanIdentity | SpanContext {
  if (span instanceof SpanIdentity) return span
  if (span instanceof DeferredSpan) return span.identity
  return span instanceof UnrecordedSpan ? spanIdentityOf(span.identified) : span.spanContext()
}
