import { types } from 'node:util'
import {
  type Attributes,
  context,
  type Context,
  type Counter,
  type Histogram,
  type Meter,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api'
import { InternedAttributes } from '../interned-attributes.ts'
import { heardBack } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'

/** What is known of one operation of a broker or a queue. Semantic conventions, messaging/messaging-spans. */
export interface MessageFacts {
  /** `messaging.system`. */
  readonly system: string
  /** `messaging.operation.name`: the client's own word. */
  readonly operation: string
  /** `messaging.operation.type`. */
  readonly type: OperationType
  readonly destination?: unknown
  /** The broker or the client has made up the destination's name: it is in no name and no label. */
  readonly isTemporary?: boolean
  readonly address?: unknown
  readonly port?: unknown
  /** How many messages it is about, where these are more than one. */
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

/** Semantic conventions, messaging/messaging-metrics. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** Makes the spans of a client of a broker, and measures what they stand for. */
export class Messaging {
  readonly #tracer: ClientTracer
  readonly #sets = new InternedAttributes()
  #instruments: Instruments | undefined

  constructor(tracer: ClientTracer) {
    this.#tracer = tracer
  }

  /** `parentContext`: that of a message's sender, for whoever processes it; else the active one. */
  start(facts: MessageFacts, parentContext: Context = context.active()): MessageOperation {
    const { operation, type, destination, isTemporary } = facts
    const target = isTemporary === true ? '(temporary)' : destination
    const name = typeof target === 'string' && target !== '' ? `${operation} ${target}` : operation
    const span = this.#tracer.start(name, attributesOf(facts), KINDS[type], parentContext)
    const startMs = performance.now()
    return new MessageOperation(trace.setSpan(parentContext, span), span, (errorType, count = facts.count ?? 1) =>
      this.#measure(facts, errorType, (performance.now() - startMs) / 1000, count),
    )
  }

  #measure(facts: MessageFacts, errorType: string | undefined, seconds: number, count: number): void {
    const { meter } = this.#tracer
    if (this.#instruments?.meter !== meter) this.#instruments = instrumentsOf(meter)
    const { durations, processed, sent, consumed } = this.#instruments
    const attributes = this.#labelsOf(facts, errorType)
    const { type } = facts
    const duration = type === 'process' ? processed : durations
    duration.record(seconds, attributes)
    if (type === 'send') sent.add(count, attributes)
    else if (type !== 'settle' && count > 0) consumed.add(count, attributes)
  }

  #labelsOf(facts: MessageFacts, errorType: string | undefined): Attributes {
    const { system, operation, type, destination, isTemporary, address, port } = facts
    return this.#sets.get(
      `${operation}\n${type}\n${destination}\n${isTemporary}\n${address}\n${port}\n${errorType}`,
      () => ({
        'messaging.system': system,
        'messaging.operation.name': operation,
        'messaging.operation.type': type,
        ...(typeof destination === 'string' && isTemporary !== true && { 'messaging.destination.name': destination }),
        ...placeOf(facts),
        ...(errorType !== undefined && { 'error.type': errorType }),
      }),
    )
  }
}

type Measure = (errorType: string | undefined, count?: number) => void

/** One operation, until its end. */
export class MessageOperation {
  /** With the span in it. */
  readonly context: Context
  readonly span: Span
  readonly #measure: Measure
  #isEnded = false

  constructor(within: Context, span: Span, measure: Measure) {
    this.context = within
    this.span = span
    this.#measure = measure
  }

  /** The trace context of a message that is sent, as headers. Undefined where there is none to send: the message stays as it is. */
  headers(): Readonly<Record<string, string>> | undefined {
    const headers: Record<string, string> = {}
    propagation.inject(this.context, headers)
    return Object.keys(headers).length === 0 ? undefined : headers
  }

  /** `count`: the messages that came of it, where this was not known before. */
  end(count?: number): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#measure(undefined, count)
    this.span.end()
  }

  fail(error: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#measure(endFailed(this.span, error))
  }

  /** A callback of Node's convention that ends it. */
  calledBack(callback: (...args: any[]) => unknown): (...args: any[]) => unknown {
    return heardBack(callback, (error) => (error ? this.fail(error) : this.end()))
  }

  /** Calls what sends or processes, within the operation, and ends with it or with the promise that it gives. */
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

/** The context of whoever has sent a message, by its headers; without any, the message begins a trace. */
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
    ...(typeof address === 'string' && address !== '' && { 'server.address': address }),
    ...(Number.isInteger(number) && number > 0 && { 'server.port': number }),
  }
}

interface Instruments {
  readonly meter: Meter
  readonly durations: Histogram
  readonly processed: Histogram
  readonly sent: Counter
  readonly consumed: Counter
}

function instrumentsOf(meter: Meter): Instruments {
  const duration = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: BOUNDARIES } })
  const count = (name: string, description: string): Counter =>
    meter.createCounter(name, { unit: '{message}', description })
  return {
    meter,
    durations: duration('messaging.client.operation.duration', 'Duration of operations of a messaging client.'),
    processed: duration('messaging.process.duration', 'Duration of processing a message.'),
    sent: count('messaging.client.sent.messages', 'Messages that the client tried to send.'),
    consumed: count('messaging.client.consumed.messages', 'Messages that were delivered to the app.'),
  }
}

/** A part of a subject or topic that tells one thing from all others of its kind: a number, an id, an address. */
const ID = /^\d+$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{16,64}$|@/i

/** `orders.*.paid` of `orders.4711.paid`, so that names and labels stay few. */
export function destinationOf(name: unknown, separator: string): string {
  const text = String(name).slice(0, 256)
  return text
    .split(separator)
    .map((part) => (ID.test(part) ? '*' : part))
    .join(separator)
}
