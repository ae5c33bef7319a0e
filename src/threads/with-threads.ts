import type { MetricsSource } from '../sideport/sideport.ts'
import type { ThreadHost } from './host.ts'

/** What the process measured: that of the main thread alone, until another one has metrics. */
export function withThreads(main: MetricsSource, host: () => ThreadHost | undefined): MetricsSource {
  /** What they have sent is taken first: it tells who can answer. */
  const gathering = (): ThreadHost['gathering'] => {
    host()?.receiveNow()
    return host()?.gathering
  }
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
