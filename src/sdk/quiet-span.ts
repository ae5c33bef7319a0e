import type { Attributes, AttributeValue, Context, Span } from '@opentelemetry/api'
import { UnrecordedSpan } from './unrecorded-span.ts'

/** Receives the attributes that are set on an unrecorded span. */
type AttributesListener = (attributes: Attributes, of: Context, traceId: string) => void

/** Replaces a span that is not recorded. It has the same ids, and passes its attributes to one listener only. */
export class QuietSpan extends UnrecordedSpan {
  readonly #context: Context
  readonly #listener: AttributesListener

  /** `of` is the context that the span was started in. */
  constructor(span: Pick<Span, 'spanContext'>, of: Context, listener: AttributesListener) {
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
