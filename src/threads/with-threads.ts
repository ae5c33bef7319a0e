import type { MetricsSource } from '../sideport/sideport.ts'
import type { Gathering } from './gathering.ts'

/** What the process measured: that of the main thread alone, until another one has metrics. */
export function withThreads(main: MetricsSource, gathering: () => Gathering | undefined): MetricsSource {
  return {
    collect: async () => {
      const own = await main.collect()
      return gathering()?.join(own) ?? own
    },
    collectNow: () => {
      const own = main.collectNow()
      return gathering()?.joinNow(own) ?? own
    },
  }
}
