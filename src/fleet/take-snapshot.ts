import type { MetricsSource } from '../sideport/sideport.ts'
import { encode, encodeSliced } from './codec.ts'
import { runSliced } from '../sdk/sliced-task.ts'
import { snapshotSliced, snapshotOf } from '../aggregation/snapshot.ts'

/** What this process measured, as its answer to the leader and as its file. */
export async function takeSnapshot(own: MetricsSource, slot: number): Promise<Buffer> {
  const snapshot = await runSliced(snapshotSliced(await own.collect()))
  return runSliced(encodeSliced({ slot, snapshot }))
}

/** The same at the end of the process, where no promise settles any more. */
export function takeSnapshotNow(own: MetricsSource, slot: number): Buffer {
  return encode({ slot, snapshot: snapshotOf(own.collectNow()) })
}
