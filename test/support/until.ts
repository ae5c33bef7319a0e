import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again; fails when it is not so after `timeoutMs`. */
export async function until(holds: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not so in ${timeoutMs} ms: ${holds.toString()}`)
    await sleep(20)
  }
}

/** For what is seen a little later: the last difference is the failure. */
export async function eventuallyEqual<T>(read: () => Promise<T>, expected: T): Promise<void> {
  let actual: T | undefined
  await until(async () => isDeepStrictEqual((actual = await read()), expected)).catch(() => {})
  assert.deepEqual(actual, expected)
}
