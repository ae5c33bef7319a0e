import type { Span, SpanContext } from '@opentelemetry/api'
import type { SpanIdentity } from './span-identity.ts'

/** A span that the sampler dropped: it takes everything, keeps nothing, and has a context for those below it. */
export class UnrecordedSpan implements Span {
  readonly identity: SpanIdentity

  constructor(identity: SpanIdentity) {
    this.identity = identity
  }

  spanContext(): SpanContext {
    return this.identity.spanContext
  }

  isRecording(): boolean {
    return false
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  recordException(): void {}

  end(): void {}
}
