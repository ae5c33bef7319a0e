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

/** SpanStatusCode.ERROR, which is an enum of the API's. */
const ERROR = 2

export interface OperationOutcome {
  readonly spanName: string
  readonly attributes: Attributes
  /** Undefined: it succeeded. */
  readonly errorType: string | undefined
  readonly durationMs: number
  /** With the span in it. */
  readonly context?: Context
}

/** A span, recorded or not, that tells at its end what became of it. */
export class MeasuredSpan implements Span {
  /** Whose operation it is. */
  readonly measuredBy: object
  /** For who has to know what the SDK made of it. */
  readonly inner: Span
  readonly #spanName: string
  readonly #onEnd: (outcome: OperationOutcome) => void
  readonly #startMs = performance.now()
  /** What the span was started with; a copy from the first change on. */
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

  /** It is measured as another operation, which it consists of. */
  leaveToOther(): void {
    this.#isDone = true
  }

  /** Whether an operation with these attributes, started within this one, is the same one on its way down; told once. */
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
      // Span and metric say the same of an error.
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
    const said = this.#attributes['error.type']
    return typeof said === 'string' ? said : (this.#errorType ?? '_OTHER')
  }
}

/** As the SDK names it in the span's event. */
function typeOf(exception: Exception): string | undefined {
  if (typeof exception === 'string') return undefined
  return exception.code === undefined ? exception.name : String(exception.code)
}
