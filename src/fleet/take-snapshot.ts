import type { MetricsSource } from '../sideport/sideport.ts'
import { encode, encodeInPieces } from './codec.ts'
import { inTurns } from '../sdk/turns.ts'
import { snapshotInPieces, snapshotOf } from '../aggregation/snapshot.ts'

/** What this process measured, as its answer to the holder and as its file. */
export async function takeSnapshot(own: MetricsSource, slot: number): Promise<Buffer> {
  const snapshot = await inTurns(snapshotInPieces(await own.collect()))
  return inTurns(encodeInPieces({ slot, snapshot }))
}

/** The same at the end of the process, where no promise settles any more. */
export function takeSnapshotNow(own: MetricsSource, slot: number): Buffer {
  return encode({ slot, snapshot: snapshotOf(own.collectNow()) })
}
