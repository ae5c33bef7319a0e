import type { Attributes, AttributeValue, Context, Span, SpanContext } from '@opentelemetry/api'

/** Hears the attributes that a span which is not recorded is given. */
type Listener = (attributes: Attributes, of: Context, traceId: string) => void

/** Stands for a span that is not recorded: it has ids, and tells its attributes to one listener alone. */
export class QuietSpan implements Span {
  readonly #spanContext: SpanContext
  readonly #context: Context
  readonly #listener: Listener

  /** `of`: the context that it was started in. */
  constructor(spanContext: SpanContext, of: Context, listener: Listener) {
    this.#spanContext = spanContext
    this.#context = of
    this.#listener = listener
  }

  spanContext(): SpanContext {
    return this.#spanContext
  }

  setAttribute(key: string, value: AttributeValue): this {
    return this.setAttributes({ [key]: value })
  }

  setAttributes(attributes: Attributes): this {
    this.#listener(attributes, this.#context, this.#spanContext.traceId)
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

  end(): void {}

  isRecording(): boolean {
    return false
  }

  recordException(): void {}
}
