import { finished as streamFinished } from 'node:stream/promises'

/** What a call with a callback gives. */
export const called = (start) =>
  new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))))

/** Waits for a failure; a success is one of the step. */
export async function failing(promise) {
  let value
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`nothing failed: ${String(value)}`)
}

export const finished = (stream) => streamFinished(stream)
