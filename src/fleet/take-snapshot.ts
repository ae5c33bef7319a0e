import type { MetricsSource } from '../sideport/sideport.ts'
import { encode, encodeSliced } from './codec.ts'
import { runSliced } from '../sdk/sliced-task.ts'
import { snapshotSliced, snapshotOf } from '../aggregation/snapshot.ts'

/** Collects the metrics of this process, encoded for the leader and for the file. */
export async function takeSnapshot(own: MetricsSource, slot: number): Promise<Buffer> {
  const snapshot = await runSliced(snapshotSliced(await own.collect()))
  return runSliced(encodeSliced({ slot, snapshot }))
}

/** Collects the same synchronously, for the end of the process, when promises no longer settle. */
export function takeSnapshotNow(own: MetricsSource, slot: number): Buffer {
  return encode({ slot, snapshot: snapshotOf(own.collectNow()) })
}
