import type { Batch } from '../export/worker-messages.ts'
import type { Snapshot } from '../aggregation/snapshot.ts'
import type { NamedPreload } from './inherited-preload.ts'
import type { InspectedInstrumentation } from './inspection.ts'
import type { SamplingStrategy, Settings } from '../settings/settings.ts'

type ResourceAttributes = Settings['resource']['attributes']

/** The key in Node's environment data, which each new worker thread gets a copy of. */
export const LINK_KEY = '@paxx/obs'

/** What a worker thread needs from the main thread, so that it starts fast. */
export interface ThreadLink {
  readonly settings: Settings
  /** The main thread's resource: to a collector both are one service instance. */
  readonly resource: ResourceAttributes
  /** Undefined if the main thread exports nothing. */
  readonly ledger: SharedArrayBuffer | undefined
  /** Packages and builtins that are instrumented. Telemetry is set up when the thread loads the first of them. */
  readonly names: readonly string[]
  /** The latest strategy from the sampling server of `jaeger_remote`, which only the main thread polls. */
  readonly strategy?: SamplingStrategy | undefined
  /** Whether `fetch` is instrumented, which exists without being loaded. */
  readonly hasFetch: boolean
  /** Set when the main thread's flags, which a thread inherits, name the preload by its package. */
  readonly preload?: NamedPreload | undefined
}

/**
 * Returns the channel of a thread. Each has its own: on a shared one every thread would receive what the others send.
 */
export function channelName(threadId: number): string {
  return `@paxx/obs ${threadId}`
}

/** A message from a worker thread to the main thread. */
export type FromThread =
  | Batch
  /** The thread started another thread, and that thread ended. */
  | { readonly started: number }
  | { readonly ended: number }
  /** Asks for delivery of everything sent so far; answered by a `Flushed` with the same number. */
  | { readonly flush: number; readonly timeoutMs: number }
  | ThreadSnapshots
  /** The instrumentations of the thread, when they have changed. */
  | { readonly instrumentations: readonly InspectedInstrumentation[] }
  /** The thread no longer blocks. */
  | { readonly awake: true }
  /** Asks for the latest sampling strategy: earlier messages have not reached the thread. */
  | { readonly asksStrategy: true }

export interface ThreadSnapshots {
  /** One snapshot per kind of `histogramsOf()`. */
  readonly snapshots: readonly Snapshot[]
  /** Whether observable instruments are included; otherwise they keep their last values. */
  readonly isWhole: boolean
  /** Whether the thread is about to block and will not answer until it is woken. */
  readonly isBlocked: boolean
}

/** A message from the main thread to a worker thread. `collect` asks for a `ThreadSnapshots`. */
export type ToThread = Flushed | { readonly collect: true } | { readonly strategy: SamplingStrategy }

export interface Flushed {
  readonly flushed: number
  readonly ok: boolean
}
