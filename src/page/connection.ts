import type { PageEvents } from './messages.ts'
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
  on(source, 'status', (status) => store.update({ status }))
  on(source, 'metrics', (reading) => store.addMetrics(reading))
  on(source, 'batch', (batch) => {
    if (!store.isPaused) store.add(decode(batch))
  })
}

function on<Event extends keyof PageEvents>(
  source: EventSource,
  event: Event,
  listener: (data: PageEvents[Event]) => void,
): void {
  source.addEventListener(event, ({ data }: MessageEvent<string>) => listener(JSON.parse(data)))
}
