import type { Context, Meter, Tracer } from '@opentelemetry/api'
import type { Inspection } from './inspection.ts'

/**
 * The interface of a running preload for the public API, which may be another copy of this package in the same process.
 */
export interface Handle {
  /** Delivers everything. Resolves with false on timeout. */
  flush?: (timeoutMs: number) => Promise<boolean>
  /** Uses the preload's own SDK, whatever SDK the app has registered with the API since. */
  getTracer?: (name: string, version?: string) => Tracer
  getMeter?: (name: string, version?: string) => Meter
  activeContext?: () => Context
  /** Set in a function that is frozen after each invocation. Resolves when everything is delivered or on timeout. */
  endOfInvocation?: () => Promise<void>
  /** Instruments what a file in a bundle exports, given its package and version. Returns what the app should get. */
  bundled?: (exports: unknown, name: string, version: string, file?: string) => unknown
  /** Sets what `/readyz` answers. */
  setReady?: (ready: boolean) => void
  /** Used by `paxx-obs doctor`. */
  inspect?: () => Inspection
  /** Called before the last export at exit. */
  ending?: () => void
  /** Called when the last export at exit has ended. */
  ended?: () => void
  /** Why nothing was started in this process. */
  notStartedReason?: string
}
