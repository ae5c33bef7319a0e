import type { Span } from '@opentelemetry/api'
import { failRedis } from './redis-commands.ts'

/**
 * The commands between `MULTI` and `EXEC`. The server answers each with `QUEUED`; what became of it stands in the answer to `EXEC`, so
 * that its span stays open until then. Belongs to one connection, whose commands go out in the order in which they are given to it.
 */
export class RedisTransactions {
  readonly #abortedError: object | undefined
  #queued: Span[] | undefined

  /** `abortedError`: what the client gives the app where a watched key has changed; without one that is no failure. */
  constructor(abortedError?: object) {
    this.#abortedError = abortedError
  }

  /** Takes a command that is about to be sent; gives what to call with its answer. Without a span the command is not the app's. */
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

/** What became of a command. */
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

/** `EXEC` answers with the replies of the commands that were queued, in their order; with null where it did nothing. */
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
