import { subscribe } from 'node:diagnostics_channel'
import {
  BroadcastChannel,
  type MessagePort,
  receiveMessageOnPort,
  setEnvironmentData,
  type Worker,
} from 'node:worker_threads'
import { reasonOf, warn } from '../diag.ts'
import type { Upstream } from '../export/thread-courier.ts'
import { channelName, type Flushed, type FromThread, LINK_KEY, type ThreadLink } from './link.ts'

export interface Host extends Upstream {
  /** Delivers everything, and resolves with whether that was done in time. */
  readonly flush: (timeoutMs: number) => Promise<boolean>
}

export interface ThreadHost {
  /** Takes what the threads have sent so far, at the end of the process, when no event is heard any more. */
  receiveNow(): void
}

/**
 * The main thread's side of the app's worker threads: leaves what they need in the environment data, and takes what they
 * send. To be called before the first of them is started. Node tells of each new thread on a diagnostics channel, inside the
 * app's call and before the thread runs; neither that nor the channels are seen by the app or keep anything alive.
 */
export function hostThreads(link: Omit<ThreadLink, 'ledger'>, { ledger, post, flush }: Host): ThreadHost {
  const channels = new Map<number, BroadcastChannel>()
  setEnvironmentData(LINK_KEY, { ...link, ledger } satisfies ThreadLink)
  subscribe('worker_threads', (message) => {
    try {
      const { worker } = message as { readonly worker: Worker }
      const { threadId } = worker
      open(threadId)
      worker.once('exit', () => close(threadId))
    } catch (thrown) {
      warn(`what a worker thread sends could not be listened to (${reasonOf(thrown)}); its telemetry is lost`)
    }
  })

  function open(threadId: number): void {
    const channel = new BroadcastChannel(channelName(threadId))
    channel.addEventListener('message', (event) => take(channel, (event as MessageEvent).data as FromThread))
    channel.unref()
    channels.set(threadId, channel)
  }

  function close(threadId: number): void {
    const channel = channels.get(threadId)
    if (channel === undefined) return
    channels.delete(threadId)
    receive(channel)
    channel.close()
  }

  function take(channel: BroadcastChannel, message: FromThread): void {
    if ('started' in message) open(message.started)
    else if ('ended' in message) close(message.ended)
    else if ('flush' in message) void answer(channel, message.flush, message.timeoutMs)
    else post(message)
  }

  async function answer(channel: BroadcastChannel, flushed: number, timeoutMs: number): Promise<void> {
    const ok = await flush(timeoutMs)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    if ([...channels.values()].includes(channel)) channel.postMessage({ flushed, ok } satisfies Flushed)
  }

  function receive(channel: BroadcastChannel): void {
    // Documented for both, typed for ports alone.
    const port = channel as unknown as MessagePort
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(channel, next.message as FromThread)
    }
  }

  return {
    receiveNow() {
      for (const channel of channels.values()) receive(channel)
    },
  }
}
