import { deserialize, serialize } from 'node:v8'
import type { Snapshot } from './snapshot.ts'

/**
 * A snapshot as bytes, by V8's own structured serialisation: it keeps every number as it is (NaN and infinities too), is
 * native code, and writes rows of numbers close to their size.
 */
export function encode(snapshot: Snapshot): Buffer {
  return serialize(snapshot)
}

/** Throws on anything that `encode` did not write. */
export function decode(bytes: Uint8Array): Snapshot {
  const snapshot: unknown = deserialize(bytes)
  if (!Array.isArray(snapshot)) throw new TypeError('not a snapshot')
  return snapshot as Snapshot
}
