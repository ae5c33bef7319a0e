import { subscribe } from 'node:diagnostics_channel'
import {
  BroadcastChannel,
  type MessagePort,
  receiveMessageOnPort,
  setEnvironmentData,
  type Worker,
} from 'node:worker_threads'
import type { Resource } from '@opentelemetry/resources'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { InspectedInstrumentation } from '../base/inspection.ts'
import type { Upstream } from '../export/thread-export-client.ts'
import type { JoinPushed } from '../export/push-metrics.ts'
import type { HistogramAggregation, SamplingStrategy, Settings } from '../settings/settings.ts'
import type { ThreadAggregator } from './thread-aggregation.ts'
import { histogramsFor, histogramsOf } from './histograms.ts'
import {
  channelName,
  type FromThread,
  LINK_KEY,
  type ThreadSnapshots,
  type ThreadLink,
  type ToThread,
} from '../base/thread-link.ts'

/** The parts of the main thread's SDK that threads use. */
export interface Host {
  readonly pipeline: {
    readonly upstream: Upstream
    /** Delivers everything. Resolves with false on timeout. */
    flush(timeoutMs: number): Promise<boolean>
  }
  readonly providers: { readonly resource: Resource }
}

/** The data that threads get from the main thread, without what the SDK provides. */
export interface Hosting extends Omit<ThreadLink, 'ledger' | 'resource' | 'settings'> {
  readonly settings: () => Settings
}

export interface ThreadHost {
  /** Returns the metrics of the threads, aggregated with this kind of histograms; undefined when none has metrics. */
  threadAggregator(histograms: HistogramAggregation): ThreadAggregator | undefined
  /** Returns the functions that add the threads' metrics to a push. */
  joinPushed(exporter: 'otlp' | 'console'): JoinPushed
  /** Returns the instrumentations of all running threads. */
  instrumentations(): readonly InspectedInstrumentation[]
  /** Makes all threads sample by this strategy. */
  sample(strategy: SamplingStrategy): void
  /**
   * Receives everything that the threads have sent so far, at once. Works at the end of the process, when events no
   * longer fire.
   */
  receiveNow(): void
}

/**
 * The main thread's side of the app's worker threads: puts what they need into the environment data, and receives what
 * they send. Must be called before the first thread is started. Node.js announces each new thread on a diagnostics
 * channel, inside the app's call and before the thread runs. Neither that nor the channels are visible to the app or
 * keep the process alive.
 *
 * `neededSdk` loads the SDK. Many packages load `node:worker_threads` and start no thread, so the members of the link
 * that need the SDK or all settings are getters: Node.js reads them when it copies the environment data for a new thread. They are
 * undefined if the SDK could not be loaded.
 */
export function hostThreads(hosting: Hosting, neededSdk: () => Host | undefined): ThreadHost {
  const link: ThreadLink = {
    ...hosting,
    get settings() {
      return hosting.settings()
    },
    get resource() {
      return knownAttributes(neededSdk()?.providers.resource)
    },
    get ledger() {
      return neededSdk()?.pipeline.upstream.ledger
    },
  }
  const channels = new Map<number, BroadcastChannel>()
  const aggregators: ThreadAggregator[] = []
  const instrumented = new Map<number, readonly InspectedInstrumentation[]>()
  let latest = link.strategy
  setEnvironmentData(LINK_KEY, link)
  if (link.preload !== undefined) {
    load<typeof import('./worker-elsewhere.ts')>('worker-elsewhere').startWorkersElsewhere(link.preload)
  }
  subscribe('worker_threads', (message) => {
    try {
      const { worker } = message as { readonly worker: Worker }
      const { threadId } = worker
      open(threadId)
      worker.once('exit', () => close(threadId))
    } catch (thrown) {
      warn(`could not listen to a worker thread (${reasonOf(thrown)}); its telemetry is dropped`)
    }
  })

  function open(threadId: number): void {
    const channel = new BroadcastChannel(channelName(threadId))
    channel.addEventListener('message', (event) => take(threadId, (event as MessageEvent).data as FromThread))
    channel.unref()
    channels.set(threadId, channel)
  }

  function close(threadId: number): void {
    const channel = channels.get(threadId)
    if (channel === undefined) return
    receive(threadId, channel)
    channels.delete(threadId)
    instrumented.delete(threadId)
    channel.close()
    for (const aggregator of aggregators) aggregator.ended(threadId)
  }

  function take(threadId: number, message: FromThread): void {
    try {
      sort(threadId, message)
    } catch (thrown) {
      // This runs in an event handler, where an exception would end the app.
      warn(`could not process telemetry of a worker thread (${reasonOf(thrown)}); dropped`)
    }
  }

  function sort(threadId: number, message: FromThread): void {
    if ('started' in message) open(message.started)
    else if ('ended' in message) close(message.ended)
    else if ('flush' in message) void answer(threadId, message.flush, message.timeoutMs)
    else if ('instrumentations' in message) instrumented.set(threadId, message.instrumentations)
    else if ('snapshots' in message) measured(threadId, message)
    else if ('asksStrategy' in message) tellStrategy(threadId)
    else if ('awake' in message) for (const aggregator of aggregators) aggregator.awake(threadId)
    else neededSdk()?.pipeline.upstream.post(message)
  }

  function measured(threadId: number, message: ThreadSnapshots): void {
    for (const [i, snapshot] of message.snapshots.entries()) {
      const aggregator = (aggregators[i] ??= new (load<typeof import('./thread-aggregation.ts')>(
        'thread-aggregation',
      ).ThreadAggregator)())
      aggregator.received(threadId, snapshot, message, () => send(threadId, { collect: true }))
    }
  }

  async function answer(threadId: number, flushed: number, timeoutMs: number): Promise<void> {
    const ok = (await neededSdk()?.pipeline.flush(timeoutMs)) ?? true
    send(threadId, { flushed, ok })
  }

  function tellStrategy(threadId: number): void {
    if (latest !== undefined) send(threadId, { strategy: latest })
  }

  function send(threadId: number, message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    channels.get(threadId)?.postMessage(message)
  }

  function receive(threadId: number, channel: BroadcastChannel): void {
    // Documented for both, but typed for ports only.
    const port = channel as unknown as MessagePort
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(threadId, next.message as FromThread)
    }
  }

  /** First receives what the threads have sent, which determines the threads that can answer. */
  function receiveNow(): void {
    for (const [threadId, channel] of channels) receive(threadId, channel)
  }

  function threadAggregator(wanted: HistogramAggregation): ThreadAggregator | undefined {
    receiveNow()
    return aggregators[histogramsOf(link.settings.metrics).indexOf(wanted)]
  }

  return {
    sample(strategy) {
      latest = strategy
      setEnvironmentData(LINK_KEY, { ...link, strategy } satisfies ThreadLink)
      for (const threadId of channels.keys()) tellStrategy(threadId)
    },
    threadAggregator,
    instrumentations: () => [...instrumented.values()].flat(),
    joinPushed(exporter) {
      const { metrics } = link.settings
      const wanted = histogramsFor(exporter, metrics)
      const temporality = exporter === 'otlp' ? metrics.temporality : 'cumulative'
      return load<typeof import('./thread-aggregation.ts')>('thread-aggregation').pushedWith(
        () => threadAggregator(wanted),
        temporality,
      )
    },
    receiveNow,
  }
}

/**
 * Returns the attributes that are known, without pending ones: a thread does not wait for these. Of duplicate names the
 * first wins, as in the resource itself.
 */
function knownAttributes(resource: Resource | undefined): ThreadLink['resource'] {
  const known = (resource?.getRawAttributes() ?? []).filter(
    ([, value]) => value !== undefined && !(value instanceof Promise),
  )
  return Object.fromEntries(known.toReversed()) as ThreadLink['resource']
}
