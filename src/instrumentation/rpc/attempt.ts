import { reasonOf, warn } from '../../base/diag.ts'

let hasFailed = false

/** Work of ours inside a call of the app's: what it throws is one line on stderr, and the call goes on without it. */
export function attempt<Result>(work: () => Result, call = 'a remote procedure call'): Result | undefined {
  try {
    return work()
  } catch (thrown) {
    if (!hasFailed) warn(`${call} could not be traced (${reasonOf(thrown)}); it goes on all the same`)
    hasFailed = true
    return undefined
  }
}
