import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again; fails when it is not so after `timeoutMs`. */
export async function until(holds: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not so in ${timeoutMs} ms: ${holds.toString()}`)
    await sleep(20)
  }
}
