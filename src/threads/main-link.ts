import { BroadcastChannel, threadId } from 'node:worker_threads'
import { channelName, type Flushed, type FromThread } from './link.ts'

/** A worker thread's way to the main thread. The channel is opened with the first message, and keeps nothing alive. */
export class MainLink {
  #channel: BroadcastChannel | undefined
  readonly #flushing = new Map<number, (ok: boolean) => void>()
  #flushes = 0

  send(message: FromThread): void {
    this.#channel ??= this.#open()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    this.#channel.postMessage(message)
  }

  /** Resolves with whether the main thread delivered everything in time; the thread stays alive until then. */
  flush(timeoutMs: number): Promise<boolean> {
    const flush = this.#flushes++
    this.send({ flush, timeoutMs })
    return new Promise((resolve) => {
      const settle = (ok: boolean): void => {
        clearTimeout(timer)
        this.#flushing.delete(flush)
        resolve(ok)
      }
      const timer = setTimeout(() => settle(false), timeoutMs)
      this.#flushing.set(flush, settle)
    })
  }

  #open(): BroadcastChannel {
    const channel = new BroadcastChannel(channelName(threadId))
    channel.addEventListener('message', (event) => {
      const { flushed, ok } = (event as MessageEvent).data as Flushed
      this.#flushing.get(flushed)?.(ok)
    })
    channel.unref()
    return channel
  }
}
