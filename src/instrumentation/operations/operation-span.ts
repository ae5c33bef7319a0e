import type {
  Attributes,
  AttributeValue,
  Context,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import { setOwn } from '../../sdk/own-attribute.ts'

/** The value of the API's enum member `SpanStatusCode.ERROR`. */
const ERROR = 2

export interface OperationOutcome {
  readonly spanName: string
  readonly attributes: Attributes
  /** Undefined if the operation succeeded. */
  readonly errorType: string | undefined
  readonly durationMs: number
  /** A context that contains the span. */
  readonly context?: Context
}

/** Wraps a span, recorded or not, and reports the outcome of its operation when it ends. */
export class OperationSpan implements Span {
  /** The object that measures the operation. */
  readonly measuredBy: object
  /** The span that the SDK created, for code that needs to know which one it is. */
  readonly inner: Span
  readonly #spanName: string
  readonly #onEnd: (outcome: OperationOutcome) => void
  readonly #startMs = performance.now()
  /** The attributes that the span was started with, copied on the first change. */
  #attributes: Attributes
  #isOwn = false
  #errorType: string | undefined
  #hasFailed = false
  #isDone = false
  #hasHandedOn = false

  constructor(
    span: Span,
    measuredBy: object,
    spanName: string,
    attributes: Attributes,
    onEnd: (outcome: OperationOutcome) => void,
  ) {
    this.inner = span
    this.measuredBy = measuredBy
    this.#spanName = spanName
    this.#attributes = attributes
    this.#onEnd = onEnd
  }

  /** Makes the operation be measured as another one, of which it consists. */
  leaveToOther(): void {
    this.#isDone = true
  }

  /**
   * Returns whether an operation with these attributes, started within this one, is the same operation on its way to
   * the driver. Returns true at most once.
   */
  handsOn(attributes: Attributes): boolean {
    const statement = attributes['db.query.text']
    if (this.#isDone || this.#hasHandedOn || statement === undefined) return false
    return (this.#hasHandedOn = statement === this.#attributes['db.query.text'])
  }

  spanContext(): SpanContext {
    return this.inner.spanContext()
  }

  isRecording(): boolean {
    return this.inner.isRecording()
  }

  setAttribute(key: string, value: AttributeValue): this {
    setOwn(this.#keep(), key, value)
    this.inner.setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#attributes = { ...this.#attributes, ...attributes }
    this.#isOwn = true
    this.inner.setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    this.inner.addEvent(name, attributesOrTime, time)
    return this
  }

  addLink(link: Link): this {
    this.inner.addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.inner.addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#hasFailed = status.code === ERROR
    this.inner.setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.inner.updateName(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#errorType ??= typeOf(exception)
    this.inner.recordException(exception, time)
  }

  end(time?: TimeInput): void {
    if (!this.#isDone) {
      this.#isDone = true
      // Span and metric have the same `error.type`.
      if (this.#hasFailed && this.#attributes['error.type'] === undefined)
        this.inner.setAttribute('error.type', this.#typeOfError())
      this.#onEnd({
        spanName: this.#spanName,
        attributes: this.#attributes,
        errorType: this.#hasFailed ? this.#typeOfError() : undefined,
        durationMs: performance.now() - this.#startMs,
      })
    }
    this.inner.end(time)
  }

  #keep(): Attributes {
    if (!this.#isOwn) {
      this.#attributes = { ...this.#attributes }
      this.#isOwn = true
    }
    return this.#attributes
  }

  #typeOfError(): string {
    const recorded = this.#attributes['error.type']
    return typeof recorded === 'string' ? recorded : (this.#errorType ?? '_OTHER')
  }
}

/** Returns the type as the SDK names it in the span's exception event. */
function typeOf(exception: Exception): string | undefined {
  if (typeof exception === 'string') return undefined
  return exception.code === undefined ? exception.name : String(exception.code)
}
