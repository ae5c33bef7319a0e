import { deserialize, serialize } from 'node:v8'
import type { Exemplar } from '../aggregation/exemplar.ts'
import { runAtOnce, type SlicedTask } from '../sdk/sliced-task.ts'
import { ROWS_PER_STEP } from '../aggregation/rows-per-step.ts'
import type { Snapshot, SnapshotMetric } from '../aggregation/snapshot.ts'
import { isProcessId, isSlot } from './process-id.ts'
import { isSnapshotMetric } from './snapshot-shape.ts'

/** The metrics of one member, in its answer to the leader and in its file. */
export interface MemberRecord {
  readonly slot: number
  readonly snapshot: Snapshot
}

/** The summed counters of members that have ended, and the ids of those included, whose own files may still exist. */
export interface RetiredRecord {
  readonly retired: Snapshot
  readonly included: readonly string[]
}

type FrameHead = { readonly slot: number } | { readonly included: readonly string[] }

/** A part of a snapshot. With `continues`, its first metric has further rows of the last metric of the part before. */
interface FramePart {
  readonly continues: boolean
  readonly metrics: readonly SnapshotMetric[]
}

const LENGTH_BYTES = 4
/** More metrics than any app has. Each takes time in a scrape, even without rows. */
const MAX_METRICS = 5000
/** More rows than `partsOf` puts into one part. A part is decoded and checked without interruption. */
const MAX_PART_ROWS = 1024
const MAX_PART_BYTES = 8 * 2 ** 20

/**
 * Encodes a record with V8's structured serialisation: it keeps every number as it is (NaN and infinities too), is
 * native, and stores rows of numbers close to their size. The record is written in length-prefixed parts, since
 * serialising one cannot be interrupted.
 */
export function* encodeSliced(record: MemberRecord | RetiredRecord): SlicedTask<Buffer> {
  const isMember = 'snapshot' in record
  const head: FrameHead = isMember ? { slot: record.slot } : { included: record.included }
  const all = [serialize(head)]
  for (const part of partsOf(isMember ? record.snapshot : record.retired)) {
    all.push(serialize(part))
    yield
  }
  return Buffer.concat(all.flatMap((bytes) => [lengthOf(bytes), bytes]))
}

export function encode(record: MemberRecord | RetiredRecord): Buffer {
  return runAtOnce(encodeSliced(record))
}

/** Decodes a member's record. Throws on anything that `encode` did not write. */
export function* decodeMemberSliced(bytes: Uint8Array): SlicedTask<MemberRecord> {
  const { head, snapshot } = yield* decode(bytes)
  const { slot } = head
  if (!isSlot(slot)) throw new TypeError('not a snapshot')
  return { slot, snapshot }
}

export function decodeMember(bytes: Uint8Array): MemberRecord {
  return runAtOnce(decodeMemberSliced(bytes))
}

/** Decodes the record of ended members. Throws like `decodeMember`. */
export function* decodeRetiredSliced(bytes: Uint8Array): SlicedTask<RetiredRecord> {
  const { head, snapshot } = yield* decode(bytes)
  const { included } = head
  if (!Array.isArray(included) || !included.every(isProcessId)) throw new TypeError('not of a fleet')
  return { retired: snapshot, included }
}

export function decodeRetired(bytes: Uint8Array): RetiredRecord {
  return runAtOnce(decodeRetiredSliced(bytes))
}

/** Splits a snapshot into parts: small metrics are put together, large ones divided. */
function* partsOf(snapshot: Snapshot): Generator<FramePart> {
  let metrics: SnapshotMetric[] = []
  let rows = 0
  let continues = false
  for (const metric of snapshot) {
    for (let from = 0; from === 0 || from < metric.keys.length; from += ROWS_PER_STEP) {
      metrics.push(metric.keys.length <= ROWS_PER_STEP ? metric : rowsOf(metric, from, from + ROWS_PER_STEP))
      rows += Math.min(metric.keys.length - from, ROWS_PER_STEP)
      if (rows < ROWS_PER_STEP) continue
      yield { continues, metrics }
      metrics = []
      rows = 0
      continues = from + ROWS_PER_STEP < metric.keys.length
    }
  }
  if (metrics.length > 0) yield { continues, metrics }
}

function rowsOf(metric: SnapshotMetric, from: number, to: number): SnapshotMetric {
  return {
    ...metric,
    keys: metric.keys.slice(from, to),
    rows: metric.rows.slice(from, to),
    exemplars: metric.exemplars?.slice(from, to),
  }
}

interface GrowingMetric extends SnapshotMetric {
  readonly keys: string[]
  readonly rows: (readonly number[])[]
  readonly exemplars: (readonly Exemplar[] | undefined)[] | undefined
}

function* decode(
  bytes: Uint8Array,
): SlicedTask<{ readonly head: Record<string, unknown>; readonly snapshot: Snapshot }> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let head: Record<string, unknown> | undefined
  const snapshot: GrowingMetric[] = []
  for (let at = 0; at < view.length;) {
    const end = at + LENGTH_BYTES + view.readUInt32LE(at)
    if (end > view.length) throw new TypeError('cut off')
    if (end - at > MAX_PART_BYTES) throw new TypeError('too large a part')
    const part: unknown = deserialize(view.subarray(at + LENGTH_BYTES, end))
    if (typeof part !== 'object' || part === null) throw new TypeError('not of a fleet')
    if (head === undefined) head = part as Record<string, unknown>
    else append(part as FramePart, snapshot)
    if (snapshot.length > MAX_METRICS) throw new TypeError('too many metrics')
    at = end
    yield
  }
  if (head === undefined) throw new TypeError('empty')
  return { head, snapshot }
}

function append({ continues, metrics }: FramePart, snapshot: GrowingMetric[]): void {
  if (!Array.isArray(metrics) || metrics.length > MAX_PART_ROWS) throw new TypeError('not of a fleet')
  if (!metrics.every((each) => isSnapshotMetric(each) && each.keys.length <= MAX_PART_ROWS))
    throw new TypeError('not of a fleet')
  const [first, ...others] = metrics as GrowingMetric[]
  const last = snapshot.at(-1)
  if (first === undefined) return
  if (continues && last !== undefined) {
    if (first.kind !== last.kind || first.boundaries.length !== last.boundaries.length)
      throw new TypeError('not one metric')
    last.keys.push(...first.keys)
    last.rows.push(...first.rows)
    last.exemplars?.push(...(first.exemplars ?? first.keys.map(() => undefined)))
  } else {
    snapshot.push(first)
  }
  snapshot.push(...others)
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(bytes.length)
  return length
}
