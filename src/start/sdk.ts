import type { Meter } from '@opentelemetry/api'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { Handle } from '../base/handle.ts'
import { samplesOnItsOwn } from '../base/samples-on-its-own.ts'
import { createPipeline, type Pipeline } from '../export/pipeline.ts'
import type { Interlude } from '../export/ledger.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { buildProviders, type Providers } from '../providers/providers.ts'
import type { SamplingStrategy, Settings } from '../settings/settings.ts'
import { createSidePort } from '../sideport/sideport.ts'
import type { ThreadHost } from '../threads/thread-host.ts'
import { joinFleet } from './join-fleet.ts'
import { startLine } from './start-line.ts'

/** What exists from the first span or measurement on. */
export interface Sdk {
  readonly providers: Providers
  readonly pipeline: Pipeline
  /** Sets what `/readyz` answers. */
  readonly setReady: (ready: boolean) => void
  /** The strategy of the sampling server; undefined before its first answer. */
  readonly strategy: () => SamplingStrategy | undefined
  /** To be called when the app has started. Opens the side port, and starts what asks or measures. */
  readonly afterTheAppStarted: (input: AppStarted) => void
  /** Exports what has ended so far, at the end of the process. */
  readonly endSync: (timeoutMs: number, interlude?: Interlude) => void
}

interface AppStarted {
  readonly meter: Meter | undefined
  readonly handle: Handle
  readonly mainScript: string | undefined
  /** Undefined unless the app has loaded `node:worker_threads`. */
  readonly threads: () => ThreadHost | undefined
}

/** Builds the SDK, the export and the side port. No port or connection is opened before the app has started. */
export function buildSdk(settings: Settings): Sdk {
  const { cloudDetectors } = settings.resource
  const cloud =
    cloudDetectors.length === 0
      ? undefined
      : new (load<typeof import('../providers/cloud.ts')>('cloud').CloudDetection)(cloudDetectors)
  const pipeline = createPipeline(settings, cloud?.settled)
  const sidePort = settings.metrics.exporters.includes('prometheus') ? createSidePort(settings) : undefined
  const sampling = samplesOnItsOwn(settings.traces)
    ? load<typeof import('../sampling/sampling.ts')>('sampling').createSampling(
        settings.traces,
        pipeline.spanProcessors,
      )
    : undefined
  const providers = buildProviders({
    settings,
    spanProcessors: sampling?.spanProcessors ?? pipeline.spanProcessors,
    rootSampler: sampling?.rootSampler,
    aroundSampler: sampling?.around,
    logRecordProcessors: pipeline.logRecordProcessors,
    metricReaders: [...pipeline.metricReaders, ...(sidePort === undefined ? [] : [sidePort.reader])],
    cloud,
  })
  let strategy: SamplingStrategy | undefined
  let fleet: Fleet | undefined
  return {
    providers,
    pipeline,
    setReady: (ready) => sidePort?.setReady(ready),
    strategy: () => strategy,
    afterTheAppStarted({ meter, handle, mainScript, threads }) {
      cloud?.start()
      providers.prepare()
      const remote = sampling?.rootSampler
      if (remote !== undefined) {
        pipeline.pollStrategy((next) => {
          strategy = next
          remote.follow(next)
          threads()?.sample(next)
        })
      }
      if (meter !== undefined) {
        pipeline.observe(meter)
        sampling?.observe(meter)
      }
      if (sidePort === undefined) diag.info(startLine(settings, 'no side port'))
      else fleet = joinFleet({ settings, sidePort, threads, feed: pipeline.feed, handle, mainScript })
    },
    endSync(timeoutMs, interlude) {
      fleet?.endSync()
      sampling?.decideAll(process.exitCode)
      pipeline.endSync(timeoutMs, interlude)
    },
  }
}
