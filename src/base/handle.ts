import type { Inspection } from './inspection.ts'

/** What a running preload offers to the public API, which may be another copy of this package in the same process. */
export interface Handle {
  /** False: not everything was delivered within `timeoutMs`. */
  flush?: (timeoutMs: number) => Promise<boolean>
  /** For `/readyz`. */
  setReady?: (ready: boolean) => void
  /** For `paxx-obs doctor`. */
  inspect?: () => Inspection
  /** Called when the last export of an end is over. */
  ended?: () => void
  /** Why nothing was started here. */
  stayedOut?: string
}
