import { BroadcastChannel, threadId } from 'node:worker_threads'
import type { SamplingStrategy } from '../settings/settings.ts'
import { channelName, type FromThread, type ToThread } from '../base/thread-link.ts'

/**
 * A worker thread's connection to the main thread. The channel is opened on demand and does not keep the thread alive.
 */
export class MainLink {
  #channel: BroadcastChannel | undefined
  /** Called when the main thread asks for the metrics. */
  onCollect: () => void = () => {}
  #onStrategy: (strategy: SamplingStrategy) => void = () => {}
  readonly #flushing = new Map<number, (ok: boolean) => void>()
  #flushes = 0

  send(message: FromThread): void {
    this.#channel ??= this.#open()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    this.#channel.postMessage(message)
  }

  onStrategy(follow: (strategy: SamplingStrategy) => void): void {
    this.#onStrategy = follow
    this.send({ asksStrategy: true })
  }

  /** Resolves with whether the main thread delivered everything in time. Keeps the thread alive until then. */
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
      const message = (event as MessageEvent).data as ToThread
      if ('collect' in message) this.onCollect()
      else if ('strategy' in message) this.#onStrategy(message.strategy)
      else this.#flushing.get(message.flushed)?.(message.ok)
    })
    channel.unref()
    return channel
  }
}
