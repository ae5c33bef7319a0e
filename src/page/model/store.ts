import type { HelloMessage, MetricsMessage, StatusMessage } from '../messages.ts'
import { Metrics } from './metrics.ts'
import type { LogRecord, Span } from './spans-and-logs.ts'
import { Traces } from './traces.ts'

const MAX_LOGS = 5000
/** The shortest interval between two redraws. */
const REDRAW_MS = 250

export type ConnectionState = 'connecting' | 'live' | 'lost'

/** All data of the page. The connection writes it; views subscribe to it. */
export class Store {
  readonly traces = new Traces()
  readonly metrics = new Metrics()
  hello: HelloMessage | undefined
  status: StatusMessage | undefined
  connection: ConnectionState = 'connecting'
  isPaused = false
  #logs: readonly LogRecord[] = []
  readonly #listeners = new Set<() => void>()
  #isRedrawPlanned = false

  get logs(): readonly LogRecord[] {
    return this.#logs
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  add({ spans, logs }: { readonly spans: readonly Span[]; readonly logs: readonly LogRecord[] }): void {
    if (spans.length > 0) this.traces.add(spans)
    if (logs.length > 0) this.#logs = [...this.#logs, ...logs].slice(-MAX_LOGS)
    this.#changed()
  }

  addMetrics(reading: MetricsMessage): void {
    this.metrics.add(reading)
    this.#changed()
  }

  update(change: Partial<Pick<Store, 'hello' | 'status' | 'connection' | 'isPaused'>>): void {
    Object.assign(this, change)
    this.#changed()
  }

  #changed(): void {
    if (this.#isRedrawPlanned) return
    this.#isRedrawPlanned = true
    setTimeout(() => {
      this.#isRedrawPlanned = false
      for (const listener of this.#listeners) listener()
    }, REDRAW_MS)
  }
}
