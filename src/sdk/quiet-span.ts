import type { Attributes, AttributeValue, Context, Span } from '@opentelemetry/api'
import { UnrecordedSpan } from './unrecorded-span.ts'

/** Hears the attributes that a span which is not recorded is given. */
type Listener = (attributes: Attributes, of: Context, traceId: string) => void

/** Stands for a span that is not recorded: it has that one's ids, and tells its attributes to one listener alone. */
export class QuietSpan extends UnrecordedSpan {
  readonly #context: Context
  readonly #listener: Listener

  /** `of`: the context that it was started in. */
  constructor(span: Pick<Span, 'spanContext'>, of: Context, listener: Listener) {
    super(span)
    this.#context = of
    this.#listener = listener
  }

  override setAttribute(key: string, value: AttributeValue): this {
    return this.setAttributes({ [key]: value })
  }

  override setAttributes(attributes: Attributes): this {
    this.#listener(attributes, this.#context, this.spanContext().traceId)
    return this
  }
}
