import type { HistogramAggregation } from '../settings/settings.ts'
import type { MetricsSource } from '../sideport/sideport.ts'
import type { ThreadHost } from './thread-host.ts'

/** Returns the metrics of the process: those of the main thread, plus those of its worker threads once one has any. */
export function withThreads(
  main: MetricsSource,
  host: () => ThreadHost | undefined,
  histograms: HistogramAggregation,
): MetricsSource {
  const threadAggregator = (): ReturnType<ThreadHost['threadAggregator']> => host()?.threadAggregator(histograms)
  return {
    collect: async () => {
      const own = await main.collect()
      return threadAggregator()?.join(own) ?? own
    },
    collectNow: () => {
      const own = main.collectNow()
      return threadAggregator()?.joinNow(own) ?? own
    },
  }
}
