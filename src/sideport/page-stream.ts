import type { IncomingMessage, ServerResponse } from 'node:http'
import { debug, reasonOf } from '../base/diag.ts'
import type { TelemetryBatch } from '../export/recent-batches.ts'
import type { PageEvents } from '../page/messages.ts'
import type { PageSource } from './page.ts'
import { shownMetrics } from './page-metrics.ts'
import { sendText } from './send-text.ts'
import type { Collect } from './sideport.ts'

const REFRESH_MS = 2000
/** A page with more unread data gets no further batches until it has caught up. */
const MAX_UNREAD_BYTES = 2 * 1024 * 1024
/** A page that reads nothing for this many refreshes is disconnected. */
const MAX_STALLED_REFRESHES = 5
const MAX_PAGES = 8
/**
 * A page that is open for this many refreshes (30 seconds) gives its place to a new one. What the kernel buffers hides for
 * minutes that a page reads nothing; one that does read reconnects after a second.
 */
const MIN_REFRESHES = 15

/** One open page. */
interface Viewer {
  readonly response: ServerResponse
  skippedBatches: number
  stalledRefreshes: number
  refreshes: number
}

/** Serves the open pages: each has an event stream, and all share one collection of metrics every two seconds. */
export class PageStreams {
  readonly #source: PageSource
  readonly #collect: Collect
  readonly #refreshMs: number
  readonly #viewers = new Set<Viewer>()
  #timer: NodeJS.Timeout | undefined
  /** The encoded event of the last collection. */
  #last: Buffer | undefined
  /** The last batch with its event, which is encoded once for all pages. */
  #encoded: { readonly batch: TelemetryBatch; readonly event: Buffer } | undefined
  #isCollecting = false

  constructor(source: PageSource, collect: Collect, refreshMs: number = REFRESH_MS) {
    this.#source = source
    this.#collect = collect
    this.#refreshMs = refreshMs
  }

  open(request: IncomingMessage, response: ServerResponse): void {
    // A page of another site cannot read the stream, but could take the places of those that can.
    if (/^(?:cross|same)-site$/.test(String(request.headers['sec-fetch-site'])))
      return sendText(response, 403, 'only the page of this side port may read its events\n')
    if (this.#viewers.size >= MAX_PAGES && !this.#makeRoom()) {
      response.setHeader('retry-after', '10')
      return sendText(response, 503, `the page is open ${MAX_PAGES} times already\n`)
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Disables buffering in proxies.
      'x-accel-buffering': 'no',
    })
    if (request.method === 'HEAD') return void response.end()
    response.write('retry: 1000\n\n')
    send(response, encode('hello', this.#source.hello()))
    const viewer: Viewer = { response, skippedBatches: 0, stalledRefreshes: 0, refreshes: 0 }
    const unsubscribe = this.#source.feed.subscribe((batch) => this.#sendBatch(viewer, batch))
    this.#viewers.add(viewer)
    response.once('close', () => {
      unsubscribe()
      this.#close(viewer)
    })
    this.#sendStatus(viewer)
    if (this.#last !== undefined) send(response, this.#last)
    this.#timer ??= setInterval(() => void this.#refresh(), this.#refreshMs).unref()
    void this.#refresh()
  }

  /** Disconnects the page that has read nothing for longest, else the oldest. Returns false when all are new. */
  #makeRoom(): boolean {
    const [first] = [...this.#viewers].toSorted(
      (a, b) => b.stalledRefreshes - a.stalledRefreshes || b.refreshes - a.refreshes,
    )
    if (first === undefined || (first.stalledRefreshes === 0 && first.refreshes < MIN_REFRESHES)) return false
    // Its place is free at once, before the connection has closed.
    this.#viewers.delete(first)
    first.response.destroy()
    return true
  }

  #close(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    if (this.#viewers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#last = undefined
    this.#encoded = undefined
  }

  async #refresh(): Promise<void> {
    if (this.#isCollecting) return
    this.#isCollecting = true
    try {
      const collected = await this.#collect()
      const metrics = encode('metrics', { atMs: Date.now(), metrics: shownMetrics(collected) })
      this.#last = metrics
      for (const viewer of this.#viewers) this.#update(viewer, metrics)
    } catch (thrown) {
      debug(`page: could not collect the metrics (${reasonOf(thrown)})`)
    } finally {
      this.#isCollecting = false
    }
  }

  #update(viewer: Viewer, metrics: Buffer): void {
    viewer.refreshes += 1
    if (isStalled(viewer)) {
      viewer.stalledRefreshes += 1
      if (viewer.stalledRefreshes > MAX_STALLED_REFRESHES) viewer.response.destroy()
      return
    }
    viewer.stalledRefreshes = 0
    send(viewer.response, metrics)
    this.#sendStatus(viewer)
  }

  #sendStatus({ response, skippedBatches }: Viewer): void {
    send(response, encode('status', { ...this.#source.status(), skippedBatches }))
  }

  #sendBatch(viewer: Viewer, batch: TelemetryBatch): void {
    if (isStalled(viewer)) {
      viewer.skippedBatches += 1
      return
    }
    if (this.#encoded?.batch !== batch) this.#encoded = { batch, event: encodeBatch(batch) }
    send(viewer.response, this.#encoded.event)
  }
}

function isStalled({ response }: Viewer): boolean {
  return response.writableLength > MAX_UNREAD_BYTES
}

function encode<Event extends keyof PageEvents>(event: Event, data: PageEvents[Event]): Buffer {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** Works like `encode`; Base64 needs no escaping, for which JSON would check every character. */
function encodeBatch({ signal, format, body }: TelemetryBatch): Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const data = `{"signal":"${signal}","format":"${format}","body":"${bytes.toString('base64')}"}`
  return Buffer.from(`event: batch\ndata: ${data}\n\n`, 'latin1')
}

function send(response: ServerResponse, event: Buffer): void {
  if (!response.destroyed) response.write(event)
}
