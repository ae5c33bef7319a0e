import { pipeline } from 'node:stream/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import * as diag from '../base/diag.ts'
import { runSliced, yieldToEventLoop, yieldIfDue } from '../sdk/sliced-task.ts'
import { createCompressor, negotiateEncoding } from './compression.ts'
import { withDerivedMetrics } from './derived.ts'
import type { Exposition } from './exposition/exposition.ts'
import { negotiateFormat } from './exposition/negotiate.ts'
import { sendText } from './send-text.ts'
import { withSelfMetrics } from './scrape-metrics.ts'
import type { ScrapeStats } from './scrape-metrics.ts'
import { createSnapshots } from './shared-collection.ts'

export type Scrape = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** The limit of concurrent scrapes, more than any setup of scrapers needs. */
const MAX_CONCURRENT = 10
/** The longest time for writing a response. A scraper gives up after its timeout, 10 s by default. */
const MAX_WRITE_MS = 30_000

/** Creates the handler of `/metrics`. */
export function createScrape(
  collect: () => Promise<CollectionResult>,
  exposition: Exposition,
  onMismatch: (message: string) => void,
  withOverflow: (result: CollectionResult) => CollectionResult,
): Scrape {
  const log = createFailureLog()
  const snapshots = createSnapshots(async () => {
    const collected = await collect()
    await yieldToEventLoop()
    return runSliced(withDerivedMetrics(withOverflow(collected), onMismatch))
  })
  let last: ScrapeStats | undefined
  let collecting = 0
  /** Responses being written, the slowest first. */
  const writing = new Set<ServerResponse>()

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    startsWriting: () => void,
  ): Promise<void> => {
    const startMs = performance.now()
    let collected: CollectionResult
    let pieces: Iterator<string | Uint8Array>
    let first: IteratorResult<string | Uint8Array>
    const format = negotiateFormat(request.headers.accept)
    try {
      // The parts of the first scrape run cold code, so the event loop gets a turn in between, in which a client that
      // pipelines requests is disconnected.
      await yieldToEventLoop()
      if (request.socket.destroyed) return
      collected = await snapshots()
      await yieldToEventLoop()
      pieces = exposition.pieces(withSelfMetrics(collected, last), format)[Symbol.iterator]()
      first = await nextPiece(pieces)
      log.succeeded(collected.errors)
    } catch (thrown) {
      log.failed(thrown)
      sendText(response, 500, `could not collect the metrics: ${diag.reasonOf(thrown)}\n`)
      return
    }
    const encoding = negotiateEncoding(String(request.headers['accept-encoding'] ?? ''))
    response.setHeader('content-type', format.contentType)
    response.setHeader('vary', 'accept, accept-encoding')
    response.setHeader('cache-control', 'no-store')
    if (encoding !== 'identity') response.setHeader('content-encoding', encoding)
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    const size = { bytes: 0 }
    const source = inSlices(first, pieces, size)
    await yieldToEventLoop()
    startsWriting()
    await writeWithin(MAX_WRITE_MS, response, () =>
      encoding === 'identity' ? pipeline(source, response) : pipeline(source, createCompressor(encoding), response),
    )
    last = { durationMs: performance.now() - startMs, sizeBytes: size.bytes }
  }

  return async (request, response) => {
    if (collecting + writing.size >= MAX_CONCURRENT && !closeSlowest(writing)) {
      response.setHeader('retry-after', '1')
      sendText(response, 503, 'too many scrapes at once\n')
      return
    }
    collecting += 1
    let isWriting = false
    try {
      await serve(request, response, () => {
        isWriting = true
        collecting -= 1
        writing.add(response)
      })
    } finally {
      if (isWriting) writing.delete(response)
      else collecting -= 1
    }
  }
}

/** Closes the slowest response to make room for faster clients. Returns false when none is being written. */
function closeSlowest(writing: Set<ServerResponse>): boolean {
  for (const response of writing) {
    writing.delete(response)
    response.destroy()
    return true
  }
  return false
}

async function writeWithin(timeoutMs: number, response: ServerResponse, write: () => Promise<void>): Promise<void> {
  const timer = setTimeout(() => response.destroy(), timeoutMs).unref()
  try {
    await write()
  } finally {
    clearTimeout(timer)
  }
}

async function* inSlices(
  first: IteratorResult<string | Uint8Array>,
  pieces: Iterator<string | Uint8Array>,
  size: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for (let step = first; !step.done; step = await nextPiece(pieces)) {
    const bytes = typeof step.value === 'string' ? Buffer.from(step.value) : step.value
    size.bytes += bytes.length
    yield bytes
    await yieldIfDue()
  }
}

/** Skips empty pieces, which only give an opportunity to yield. */
async function nextPiece(pieces: Iterator<string | Uint8Array>): Promise<IteratorResult<string | Uint8Array>> {
  for (;;) {
    const step = pieces.next()
    if (step.done === true || step.value.length > 0) return step
    await yieldIfDue()
  }
}

interface FailureLog {
  readonly failed: (thrown: unknown) => void
  readonly succeeded: (errors: readonly unknown[]) => void
}

/** Logs a failure once, until scrapes succeed again: a scraper comes again and again. */
function createFailureLog(): FailureLog {
  let isFailing = false
  let hasErrors = false
  return {
    failed: (thrown) => {
      if (!isFailing) diag.error(`could not collect metrics, scrapes fail with status 500: ${diag.reasonOf(thrown)}`)
      isFailing = true
    },
    succeeded: (errors) => {
      isFailing = false
      if (errors.length > 0 && !hasErrors) {
        diag.warn(`could not collect some metrics, which are missing from scrapes: ${diag.reasonOf(errors[0])}`)
      }
      hasErrors = errors.length > 0
    },
  }
}
