import type { Attributes, AttributeValue, Span, SpanContext } from '@opentelemetry/api'

/** A span that is not recorded: it ignores all data, and has a context for its children. */
export class UnrecordedSpan implements Span {
  /** The span or identity that has its ids. */
  readonly identified: Pick<Span, 'spanContext'>

  constructor(identified: Pick<Span, 'spanContext'>) {
    this.identified = identified
  }

  spanContext(): SpanContext {
    return this.identified.spanContext()
  }

  isRecording(): boolean {
    return false
  }

  setAttribute(_key: string, _value: AttributeValue): this {
    return this
  }

  setAttributes(_attributes: Attributes): this {
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
