import { types } from 'node:util'
import {
  type Attributes,
  context,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api'
import { withoutCredentials } from '../../base/host.ts'
import { InternedAttributes } from '../interned-attributes.ts'
import { heardBack } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { type MessagingInstruments, messagingInstruments } from './messaging-instruments.ts'

/** The known facts about one operation of a broker or a queue. Semantic conventions, messaging/messaging-spans. */
export interface MessageFacts {
  /** `messaging.system`. */
  readonly system: string
  /** `messaging.operation.name`, in the client's own terms. */
  readonly operation: string
  /** `messaging.operation.type`. */
  readonly type: OperationType
  readonly destination?: unknown
  /**
   * Whether the broker or the client generated the destination's name, which then appears in no span name and no label.
   */
  readonly isTemporary?: boolean
  readonly address?: unknown
  readonly port?: unknown
  /** The number of messages in the operation, if there are several. */
  readonly count?: number
  readonly more?: Attributes
}

type OperationType = 'send' | 'receive' | 'process' | 'settle'

const KINDS: Readonly<Record<OperationType, SpanKind>> = {
  send: SpanKind.PRODUCER,
  receive: SpanKind.CLIENT,
  process: SpanKind.CONSUMER,
  settle: SpanKind.CLIENT,
}

/** Makes and measures the spans of a client of a broker. */
export class Messaging {
  readonly #tracer: ClientTracer
  readonly #failureOf: FailureOf
  readonly #sets = new InternedAttributes()
  #instruments: MessagingInstruments | undefined

  constructor(tracer: ClientTracer, failureOf: FailureOf = (error) => ({ recorded: error })) {
    this.#tracer = tracer
    this.#failureOf = failureOf
  }

  /**
   * Starts an operation. To process a message, pass the context of its sender as `parentContext`; the default is the
   * active context.
   */
  start(facts: MessageFacts, parentContext: Context = context.active()): MessageOperation {
    const { operation, type, destination, isTemporary } = facts
    const target = isTemporary === true ? '(temporary)' : destination
    const name = typeof target === 'string' && target !== '' ? `${operation} ${target}` : operation
    const span = this.#tracer.start(name, attributesOf(facts), KINDS[type], parentContext)
    const within = trace.setSpan(parentContext, span)
    const startMs = performance.now()
    const measure: Measure = (errorType, count = facts.count ?? 1) =>
      this.#measure(facts, errorType, { seconds: (performance.now() - startMs) / 1000, count, within })
    return new MessageOperation(within, span, measure, this.#failureOf)
  }

  #measure(facts: MessageFacts, errorType: string | undefined, { seconds, count, within }: Measured): void {
    const { meter } = this.#tracer
    if (this.#instruments?.meter !== meter) this.#instruments = messagingInstruments(meter)
    const { durations, processed, sent, consumed } = this.#instruments
    const attributes = this.#labelsOf(facts, errorType)
    const { type } = facts
    const duration = type === 'process' ? processed : durations
    duration.record(seconds, attributes, within)
    if (type === 'send') sent.add(count, attributes, within)
    else if (type !== 'settle' && count > 0) consumed.add(count, attributes, within)
  }

  #labelsOf(facts: MessageFacts, errorType: string | undefined): Attributes {
    const { system, operation, type, destination, isTemporary, address, port } = facts
    // An app may pass a value that cannot be converted to a string, which the client then refuses.
    const name = typeof destination === 'string' ? destination : ''
    return this.#sets.get(`${operation}\n${type}\n${name}\n${isTemporary}\n${address}\n${port}\n${errorType}`, () => ({
      'messaging.system': system,
      'messaging.operation.name': operation,
      'messaging.operation.type': type,
      ...(typeof destination === 'string' && isTemporary !== true && { 'messaging.destination.name': destination }),
      ...placeOf(facts),
      ...(errorType !== undefined && { 'error.type': errorType }),
    }))
  }
}

interface Measured {
  readonly seconds: number
  /** The number of messages. */
  readonly count: number
  /** The context whose trace exemplars get. */
  readonly within: Context
}

type Measure = (errorType: string | undefined, count?: number) => void
/** Returns what is recorded of an error: its `error.type`, if its code or name is not the best one, and its parts without data. */
type FailureOf = (error: unknown) => { readonly type?: string | undefined; readonly recorded: unknown }

/** One operation, from its start to its end. */
export class MessageOperation {
  /** A context that contains the span. */
  readonly context: Context
  readonly span: Span
  readonly #measure: Measure
  readonly #failureOf: FailureOf
  #isEnded = false

  constructor(within: Context, span: Span, measure: Measure, failureOf: FailureOf) {
    this.context = within
    this.span = span
    this.#measure = measure
    this.#failureOf = failureOf
  }

  /**
   * Returns the trace context of a message to send, as headers; undefined if there is none and the message is sent
   * unchanged.
   */
  headers(): Readonly<Record<string, string>> | undefined {
    const headers: Record<string, string> = {}
    propagation.inject(this.context, headers)
    return Object.keys(headers).length === 0 ? undefined : headers
  }

  /** `count` is the number of received messages, if it was not known at the start. */
  end(count?: number): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#measure(undefined, count)
    this.span.end()
  }

  fail(error: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    let failure: ReturnType<FailureOf> = { recorded: undefined }
    try {
      failure = this.#failureOf(error)
    } catch {
      // The app may throw anything, such as an object whose members cannot be read.
    }
    this.#measure(endFailed(this.span, failure.recorded, { type: failure.type }))
  }

  /** Returns a Node.js-style callback that ends the operation. */
  calledBack(callback: (...args: any[]) => unknown): (...args: any[]) => unknown {
    return heardBack(callback, (error) => (error ? this.fail(error) : this.end()))
  }

  /**
   * Runs `work`, which sends or processes, in the operation's context. The operation ends when it returns, or when the
   * promise that it returns settles.
   */
  during<Result>(work: () => Result): Result {
    let result: Result
    try {
      result = context.with(this.context, work)
    } catch (thrown) {
      this.fail(thrown)
      throw thrown
    }
    if (!types.isPromise(result)) {
      this.end()
      return result
    }
    return result.then(
      (value: unknown) => {
        this.end()
        return value
      },
      (error: unknown) => {
        this.fail(error)
        throw error
      },
    ) as Result
  }
}

/**
 * Returns the context of the sender of a message, from its headers. Without headers, the message starts a new trace.
 */
export function contextOfSender<Carrier>(carrier: Carrier, getter?: TextMapGetter<Carrier>): Context {
  return carrier === undefined || carrier === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, carrier, getter)
}

function attributesOf(facts: MessageFacts): Attributes {
  const { system, operation, type, destination, isTemporary, count = 1, more } = facts
  return {
    'messaging.system': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    ...(typeof destination === 'string' && destination !== '' && { 'messaging.destination.name': destination }),
    ...(isTemporary === true && { 'messaging.destination.temporary': true }),
    ...(count > 1 && { 'messaging.batch.message_count': count }),
    ...placeOf(facts),
    ...more,
  }
}

function placeOf({ address, port }: MessageFacts): Attributes {
  const number = Number(port)
  return {
    ...(typeof address === 'string' && address !== '' && { 'server.address': withoutCredentials(address) }),
    ...(Number.isInteger(number) && number > 0 && { 'server.port': number }),
  }
}

/** A part of a subject or topic that identifies one of many: a number, an id, an address. */
const ID = /^\d+$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{16,64}$|@/i

/** Returns `orders.*.paid` for `orders.4711.paid`, to limit the number of names and labels. */
export function destinationOf(name: unknown, separator: string): string {
  const text = String(name).slice(0, 256)
  return text
    .split(separator)
    .map((part) => (ID.test(part) ? '*' : part))
    .join(separator)
}
