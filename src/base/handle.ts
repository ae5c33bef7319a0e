import type { Context, Meter, Tracer } from '@opentelemetry/api'
import type { Inspection } from './inspection.ts'

/** What a running preload offers to the public API, which may be another copy of this package in the same process. */
export interface Handle {
  /** False: not everything was delivered within `timeoutMs`. */
  flush?: (timeoutMs: number) => Promise<boolean>
  /** Of the preload's own SDK, whatever SDK the app has registered with the API since. */
  getTracer?: (name: string, version?: string) => Tracer
  getMeter?: (name: string, version?: string) => Meter
  activeContext?: () => Context
  /** In a function that is frozen after each invocation: resolves when what was recorded is delivered, or time is over. */
  endOfInvocation?: () => Promise<void>
  /** Takes what a file in a bundle exports, of a package and version, and returns what the app is to get of it. */
  bundled?: (exports: unknown, name: string, version: string, file?: string) => unknown
  /** For `/readyz`. */
  setReady?: (ready: boolean) => void
  /** For `paxx-obs doctor`. */
  inspect?: () => Inspection
  /** Called when the last export of an end is over. */
  ended?: () => void
  /** Why nothing was started here. */
  stayedOut?: string
}
