import { channel } from 'node:diagnostics_channel'

/**
 * Calls `listener` with the first message of `undici:request:create`, before the request is sent. No hook sees Node's
 * `fetch`, which exists without being loaded. A subscriber that `listener` adds to the channel receives all further
 * messages.
 */
export function onFirstFetch(listener: (message: unknown) => void): void {
  const created = channel('undici:request:create')
  let isFirst = true
  const onCreated = (message: unknown): void => {
    if (!isFirst) return
    isFirst = false
    setImmediate(() => created.unsubscribe(onCreated)).unref()
    listener(message)
  }
  created.subscribe(onCreated)
}
