import type { Batch } from '../export/messages.ts'
import type { Snapshot } from '../aggregation/snapshot.ts'
import type { NamedPreload } from './inherited-preload.ts'
import type { InspectedInstrumentation } from './inspection.ts'
import type { SamplingStrategy, Settings } from '../settings/settings.ts'

type ResourceAttributes = Settings['resource']['attributes']

/** Key of node's environment data, which each new worker thread gets a copy of. */
export const LINK_KEY = '@paxx/obs'

/** What a worker thread has to know of the main thread, to start in next to no time. */
export interface ThreadLink {
  readonly settings: Settings
  /** The main thread's resource: to a collector both are one instance of the service. */
  readonly resource: ResourceAttributes
  readonly ledger: SharedArrayBuffer
  /** The first of these packages and builtins that the thread loads is what telemetry is built for. */
  readonly names: readonly string[]
  /** What the sampling server of `jaeger_remote` said last, whom the main thread alone asks. */
  readonly strategy?: SamplingStrategy | undefined
  /** `fetch` is instrumented, which is there without being loaded. */
  readonly hasFetch: boolean
  /** The main thread's flags name the preload by its package, and so do those that a thread inherits. */
  readonly preload?: NamedPreload | undefined
}

/** A thread has a channel of its own: on one for all, each would receive what the others send. */
export function channelName(threadId: number): string {
  return `@paxx/obs ${threadId}`
}

/** From a worker thread to the main thread. */
export type FromThread =
  | Batch
  /** It started a thread itself, and that thread ended. */
  | { readonly started: number }
  | { readonly ended: number }
  /** Asks for all that was sent to be delivered; answered by a `Flushed` with the same number. */
  | { readonly flush: number; readonly timeoutMs: number }
  | Measured
  /** What is instrumented in it, where that has changed. */
  | { readonly instrumentations: readonly InspectedInstrumentation[] }
  /** It waits no more. */
  | { readonly awake: true }
  /** Asks for the latest sampling strategy: what was told before it listened has not reached it. */
  | { readonly asksStrategy: true }

export interface Measured {
  /** One for each of `histogramsOf()`. */
  readonly snapshots: readonly Snapshot[]
  /** With what is observed, which else stays as it was. */
  readonly isWhole: boolean
  /** It is about to wait, and will not answer until it is woken. */
  readonly isBlocked: boolean
}

/** From the main thread to a worker thread. `collect`: asks for a `Measured`. */
export type ToThread = Flushed | { readonly collect: true } | { readonly strategy: SamplingStrategy }

export interface Flushed {
  readonly flushed: number
  readonly ok: boolean
}
