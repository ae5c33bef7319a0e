import { Guard } from '../../base/guard.ts'

const guard = new Guard('tracing a remote procedure call', 'it is not affected')

/** Runs work of ours inside a call of the app, which continues if it throws. */
export function attempt<Result>(work: () => Result): Result | undefined {
  return guard.run(work)
}
