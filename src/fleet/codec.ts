import { deserialize, serialize } from 'node:v8'
import type { Snapshot } from './snapshot.ts'

/** What a member answers, and leaves in its file. */
export interface MemberRecord {
  readonly slot: number
  readonly snapshot: Snapshot
}

/** What members counted that are gone, and which of them, whose own file may still be there. */
export interface RetiredRecord {
  readonly retired: Snapshot
  readonly included: readonly string[]
}

/**
 * As bytes, by V8's own structured serialisation: it keeps every number as it is (NaN and infinities too), is native code,
 * and writes rows of numbers close to their size.
 */
export function encode(record: MemberRecord | RetiredRecord): Buffer {
  return serialize(record)
}

/** Throws on anything that `encode` did not write. */
export function decodeMember(bytes: Uint8Array): MemberRecord {
  const record = deserialize(bytes) as Partial<MemberRecord> | null
  if (!Array.isArray(record?.snapshot) || typeof record.slot !== 'number') throw new TypeError('not a snapshot')
  return record as MemberRecord
}

/** Throws, like `decodeMember`. */
export function decodeRetired(bytes: Uint8Array): RetiredRecord {
  const record = deserialize(bytes) as Partial<RetiredRecord> | null
  if (!Array.isArray(record?.retired) || !Array.isArray(record.included)) throw new TypeError('not of a fleet')
  return record as RetiredRecord
}
