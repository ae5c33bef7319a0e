/** What a running preload offers to the public API, which may be another copy of this package in the same process. */
export interface Handle {
  /** False: not everything was delivered within `timeoutMs`. */
  flush?: (timeoutMs: number) => Promise<boolean>
  /** For `/readyz`. */
  setReady?: (ready: boolean) => void
}
