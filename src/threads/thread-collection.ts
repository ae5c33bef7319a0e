import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { MetricsSettings } from '../settings/settings.ts'
import type { MainLink } from './main-link.ts'

/** The metrics of a worker thread, which the main thread asks for. */
export interface ThreadCollection {
  readonly readers: readonly IMetricReader[]
  send(isBlocked: boolean): void
  sendIfOld(): void
}

/** The most that the main thread's copy of the metrics may lag behind, for threads that are terminated. */
const OLD_AFTER_MS = 1000

/**
 * Collects the metrics of this thread. They are sent when the main thread asks, and unasked when the thread is about to
 * block and could not answer in time.
 */
export function collectThread(main: MainLink, settings: MetricsSettings): ThreadCollection {
  const { createThreadMetrics, aroundEachWait } = load<typeof import('./thread-metrics.ts')>('thread-metrics')
  const { readers, snapshots } = createThreadMetrics(settings)
  let sentAtMs = performance.now()
  let wholeAtMs = -Infinity
  const send = (isBlocked: boolean): void => {
    sentAtMs = performance.now()
    // Threads of a pool wait after each task, and observable instruments must not be read that often.
    const isWhole = !isBlocked || sentAtMs - wholeAtMs > OLD_AFTER_MS
    if (isWhole) wholeAtMs = sentAtMs
    main.send({ snapshots: snapshots(isWhole), isWhole, isBlocked })
  }
  main.onCollect = () => send(false)
  main.send({ snapshots: readers.map(() => []), isWhole: true, isBlocked: false })
  aroundEachWait(
    () => quietly(() => send(true)),
    () => quietly(() => main.send({ awake: true })),
  )
  return {
    readers,
    send,
    sendIfOld() {
      if (performance.now() - sentAtMs > OLD_AFTER_MS) send(false)
    },
  }
}

/** Runs inside a call of the app, so it must not throw. */
function quietly(work: () => void): void {
  try {
    work()
  } catch (thrown) {
    warn(`could not send the metrics of a worker thread (${reasonOf(thrown)}); they are missing from this collection`)
  }
}
