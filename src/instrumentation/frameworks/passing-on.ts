/**
 * Observes a promise, and returns the one to hand on in its place: V8 shows no asynchronous callers in the stacks of a
 * promise that has two reactions.
 */
export function passingOn<Value>(
  promise: Promise<Value>,
  onValue: (value: Value) => void,
  onError: (error: unknown) => void = () => {},
): Promise<Value> {
  return promise.then(
    (value) => {
      onValue(value)
      return value
    },
    (error: unknown) => {
      onError(error)
      throw error
    },
  )
}
