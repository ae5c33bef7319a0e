import { channel } from 'node:diagnostics_channel'

/**
 * Calls `listener` with the first message of `undici:request:create`, before the request is sent: Node's `fetch` is there without
 * being loaded, so that no hook sees it. What `listener` subscribes to the channel hears all messages but that one.
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
