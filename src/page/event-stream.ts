import type { BatchMessage, PageEvents } from './messages.ts'
import { decode } from './model/decode.ts'
import type { Store } from './model/store.ts'

/** Updates `store` from the side port's stream. The browser reconnects by itself after a disconnect. */
export function connect(store: Store): void {
  const source = new EventSource('/page/events')
  source.addEventListener('open', () => store.update({ connection: 'live' }))
  source.addEventListener('error', () => {
    store.update({ connection: 'lost' })
    // After a response that is not a stream (503, 401), the browser does not reconnect by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(store), 2000)
  })
  on(source, 'hello', (hello) => store.update({ hello }))
  on(source, 'status', (status) => {
    store.update({ status })
    showHeld(store)
  })
  on(source, 'metrics', (reading) => store.addMetrics(reading))
  on(source, 'batch', (batch) => {
    held.push(batch)
    if (held.length > MAX_HELD) held.shift()
    showHeld(store)
  })
}

/** The batches received while the page was paused, at most the latest ones. */
const held: BatchMessage[] = []
const MAX_HELD = 1000

function showHeld(store: Store): void {
  if (store.isPaused) return
  for (const batch of held.splice(0)) store.add(decode(batch))
}

function on<Event extends keyof PageEvents>(
  source: EventSource,
  event: Event,
  listener: (data: PageEvents[Event]) => void,
): void {
  source.addEventListener(event, ({ data }: MessageEvent<string>) => listener(JSON.parse(data)))
}
