import type { BatchMessage, PageEvents } from './messages.ts'
import { decode } from './model/decode.ts'
import type { Store } from './model/store.ts'

/** Keeps `store` up to date from the side port's stream. The browser connects again by itself when it breaks. */
export function connect(store: Store): void {
  const source = new EventSource('/page/events')
  source.addEventListener('open', () => store.update({ connection: 'live' }))
  source.addEventListener('error', () => {
    store.update({ connection: 'lost' })
    // After an answer that is no stream (503, 401) it does not try again by itself.
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

/** What came while the page was paused; of more the latest. */
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
