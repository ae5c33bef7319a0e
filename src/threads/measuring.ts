import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { MetricsSettings } from '../settings/settings.ts'
import type { MainLink } from './main-link.ts'

/** A worker thread's half of its metrics: the main thread asks for them. */
export interface Measuring {
  readonly readers: readonly IMetricReader[]
  send(isBlocked: boolean): void
  sendIfOld(): void
}

/** For a thread that is terminated, the main thread knows the metrics of this long ago. */
const OLD_AFTER_MS = 1000

/** Where the main thread could get no answer when it asks, or too late, it is told. */
export function measure(main: MainLink, settings: MetricsSettings): Measuring {
  const { createThreadMetrics, aroundEachWait } = load<typeof import('./thread-metrics.ts')>('thread-metrics')
  const { readers, snapshots } = createThreadMetrics(settings)
  let sentAtMs = performance.now()
  let wholeAtMs = -Infinity
  const send = (isBlocked: boolean): void => {
    sentAtMs = performance.now()
    // Pools wait after each task: what is observed is not read as often.
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

/** Inside a call of the app. */
function quietly(work: () => void): void {
  try {
    work()
  } catch (thrown) {
    warn(`what a worker thread measured could not be sent (${reasonOf(thrown)}) and is missing from the metrics`)
  }
}
