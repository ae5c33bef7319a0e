import type { HistogramAggregation } from '../settings/settings.ts'
import type { MetricsSource } from '../sideport/sideport.ts'
import type { ThreadHost } from './host.ts'

/** What the process measured: that of the main thread alone, until another one has metrics. */
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
