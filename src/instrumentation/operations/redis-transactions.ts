import type { Span } from '@opentelemetry/api'
import { failRedis } from './redis-commands.ts'

/**
 * Tracks the commands between `MULTI` and `EXEC`. The server answers each with `QUEUED` and reports the outcomes in the
 * response to `EXEC`, so the span of a command stays open until then. Each instance belongs to one connection, which
 * sends commands in the order in which it receives them.
 */
export class RedisTransactions {
  readonly #abortedError: object | undefined
  #queued: Span[] | undefined

  /**
   * `abortedError` is the error that the client reports if a watched key has changed; without one, an aborted
   * transaction is not a failure.
   */
  constructor(abortedError?: object) {
    this.#abortedError = abortedError
  }

  /** Whether `MULTI` was sent, and neither `EXEC` nor `DISCARD` since. */
  get isOpen(): boolean {
    return this.#queued !== undefined
  }

  /**
   * Registers a command that is about to be sent, and returns the functions to call with its response. A command
   * without a span is not the app's.
   */
  sent(name: string, span: Span | undefined): RedisOutcome {
    const word = name.toLowerCase()
    if (word === 'multi') this.#queued = []
    const queued = this.#queued
    if (queued === undefined || word === 'multi') return endingWith(span)
    if (word === 'exec' || word === 'discard') {
      this.#queued = undefined
      return endingAll(queued, span, this.#abortedError)
    }
    if (span === undefined) return endingWith(span)
    return {
      answered: (reply) => {
        if (isQueued(reply)) {
          queued.push(span)
          return
        }
        // The transaction ended with its connection.
        if (this.#queued === queued) this.#queued = undefined
        span.end()
      },
      failed: (error) => failRedis(span, error),
    }
  }
}

function isQueued(reply: unknown): boolean {
  return reply === 'QUEUED' || (Buffer.isBuffer(reply) && reply.length === 6 && reply.toString() === 'QUEUED')
}

/** Receives the outcome of a command. */
export interface RedisOutcome {
  readonly answered: (reply: unknown) => void
  readonly failed: (error: unknown) => void
}

function endingWith(span: Span | undefined): RedisOutcome {
  return {
    answered: () => span?.end(),
    failed: (error) => {
      if (span !== undefined) failRedis(span, error)
    },
  }
}

/**
 * Ends the spans with the response to `EXEC`: the replies of the queued commands, in order, or null if the transaction
 * was aborted.
 */
function endingAll(queued: readonly Span[], span: Span | undefined, abortedError: object | undefined): RedisOutcome {
  const failed = (error: unknown): void => {
    for (const each of queued) failRedis(each, error)
    if (span !== undefined) failRedis(span, error)
  }
  return {
    answered(reply) {
      if (reply === null && abortedError !== undefined) return failed(abortedError)
      const replies = Array.isArray(reply) ? (reply as unknown[]) : []
      for (const [index, each] of queued.entries()) {
        const own = replies[index]
        if (own instanceof Error) failRedis(each, own)
        else each.end()
      }
      span?.end()
    },
    failed,
  }
}
