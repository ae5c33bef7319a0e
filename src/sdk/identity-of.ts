import type { Span, SpanContext } from '@opentelemetry/api'
import { DeferredSpan } from './deferred-span.ts'
import { SpanIdentity } from './span-identity.ts'
import { UnrecordedSpan } from './unrecorded-span.ts'

/** Ids and flags of a span; of one of our own without the text of its ids being made. */
export function spanIdentityOf(span: Pick<Span, 'spanContext'>): SpanIdentity | SpanContext {
  if (span instanceof SpanIdentity) return span
  if (span instanceof DeferredSpan) return span.identity
  return span instanceof UnrecordedSpan ? spanIdentityOf(span.identified) : span.spanContext()
}
