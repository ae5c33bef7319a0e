import { reasonOf, warn } from '../../base/diag.ts'

let hasFailed = false

/** Runs work of ours inside a call of the app. If it throws, one line is logged and the app's call continues. */
export function attempt<Result>(work: () => Result, call = 'a remote procedure call'): Result | undefined {
  try {
    return work()
  } catch (thrown) {
    if (!hasFailed) warn(`${call} could not be traced (${reasonOf(thrown)}); it is not affected`)
    hasFailed = true
    return undefined
  }
}
