import { type SpanContext, TraceFlags, type TraceState } from '@opentelemetry/api'

type HexBuffer = Buffer & { hexSlice(start: number, end: number): string }

/** Returns 32 random bits as a signed number, which V8 stores without an object. */
export type DrawWord = () => number

/** Writes ids as bytes, from their text or from 32-bit words in little-endian order. */
export interface IdWriter {
  hex(tag: number, digits: string): void
  words(tag: number, first: number, second: number): void
  longWords(tag: number, first: number, second: number, third: number, fourth: number): void
}

const scratch = Buffer.alloc(16) as HexBuffer

/**
 * The trace id and span id of a span. Most spans are exported as bytes and nobody reads their ids as text, so the text
 * of a generated id is created on demand: the native call for it costs more than all else that starts a span.
 */
export class SpanIdentity {
  traceFlags: TraceFlags = TraceFlags.NONE
  traceState: TraceState | undefined = undefined
  #traceId: string | undefined
  #spanId: string | undefined
  #context: SpanContext | undefined = undefined
  #trace0 = 0
  #trace1 = 0
  #trace2 = 0
  #trace3 = 0
  #span0 = 0
  #span1 = 0

  private constructor(traceId: string | undefined, spanId: string | undefined) {
    this.#traceId = traceId
    this.#spanId = spanId
  }

  static of(traceId: string, spanId: string): SpanIdentity {
    return new SpanIdentity(traceId, spanId)
  }

  /** Generates ids. `traceId` is the parent's; undefined for the root span of a trace. */
  static drawn(draw: DrawWord, traceId: string | undefined): SpanIdentity {
    const identity = new SpanIdentity(traceId, undefined)
    if (traceId === undefined) {
      // All zeroes is not a valid id (https://www.w3.org/TR/trace-context/#trace-id).
      do {
        identity.#trace0 = draw()
        identity.#trace1 = draw()
        identity.#trace2 = draw()
        identity.#trace3 = draw()
      } while ((identity.#trace0 | identity.#trace1 | identity.#trace2 | identity.#trace3) === 0)
    }
    do {
      identity.#span0 = draw()
      identity.#span1 = draw()
    } while ((identity.#span0 | identity.#span1) === 0)
    return identity
  }

  /** 32 hexadecimal digits. */
  get traceId(): string {
    if (this.#traceId === undefined) {
      putWord(0, this.#trace0)
      putWord(4, this.#trace1)
      putWord(8, this.#trace2)
      putWord(12, this.#trace3)
      this.#traceId = scratch.hexSlice(0, 16)
    }
    return this.#traceId
  }

  /** 16 hexadecimal digits. */
  get spanId(): string {
    if (this.#spanId === undefined) {
      putWord(0, this.#span0)
      putWord(4, this.#span1)
      this.#spanId = scratch.hexSlice(0, 8)
    }
    return this.#spanId
  }

  /** Returns the same object each time. */
  spanContext(): SpanContext {
    if (this.#context === undefined) {
      const { traceId, spanId, traceFlags, traceState } = this
      this.#context =
        traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState }
    }
    return this.#context
  }

  writeTraceId(writer: IdWriter, tag: number): void {
    if (this.#traceId === undefined) writer.longWords(tag, this.#trace0, this.#trace1, this.#trace2, this.#trace3)
    else writer.hex(tag, this.#traceId)
  }

  writeSpanId(writer: IdWriter, tag: number): void {
    if (this.#spanId === undefined) writer.words(tag, this.#span0, this.#span1)
    else writer.hex(tag, this.#spanId)
  }
}

function putWord(at: number, word: number): void {
  scratch[at] = word
  scratch[at + 1] = word >>> 8
  scratch[at + 2] = word >>> 16
  scratch[at + 3] = word >>> 24
}
