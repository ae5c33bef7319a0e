/** The code that V8 compiled for a chunk, and the identity of its source. */
export interface CompiledChunk {
  readonly sourceBytes: number
  readonly sourceModifiedMs: number
  readonly data: Uint8Array
}

type Index = readonly (readonly [name: string, sourceBytes: number, sourceModifiedMs: number, dataBytes: number])[]

const MAGIC = Buffer.from('paxxobs1', 'latin1')
const LENGTH_BYTES = 4

/**
 * Encodes compiled chunks: `MAGIC`, the length of the index, the index as JSON with the key, each chunk's data twice,
 * `MAGIC`. V8 checks version, flags and source of the data, but not the data itself: a single changed byte crashes the
 * process with a segmentation fault. Comparing two copies takes a tenth of the time of any checksum in JavaScript.
 */
export function encodePack(key: string, chunks: ReadonlyMap<string, CompiledChunk>): Buffer {
  const index: Index = Array.from(chunks, ([name, chunk]) => [
    name,
    chunk.sourceBytes,
    chunk.sourceModifiedMs,
    chunk.data.length,
  ])
  const text = Buffer.from(JSON.stringify([key, index]))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(text.length)
  return Buffer.concat([MAGIC, length, text, ...Array.from(chunks.values(), ({ data }) => [data, data]).flat(), MAGIC])
}

/** A file of compiled chunks that is open. */
export interface OpenPack {
  /** Distinguishes the file from a later one at the same path. */
  readonly identity: string
  readonly sizeBytes: number
  /** Returns a part of the file, shorter at its end. The next call overwrites the memory. */
  read(at: number, bytes: number): Buffer
}

/** The number of bytes to read first, which usually contain the whole index. */
const FIRST_BYTES = 8192

/** The index of a cache file; empty if the file is not a cache file or has another key. */
export class Pack {
  readonly identity: string
  readonly #places = new Map<
    string,
    Omit<CompiledChunk, 'data'> & { readonly at: number; readonly dataBytes: number }
  >()

  constructor(key: string, file: OpenPack) {
    this.identity = file.identity
    const textAt = MAGIC.length + LENGTH_BYTES
    let first = file.read(0, Math.min(FIRST_BYTES, file.sizeBytes))
    if (first.length < textAt || !first.subarray(0, MAGIC.length).equals(MAGIC)) return
    const dataAt = textAt + first.readUInt32LE(MAGIC.length)
    if (dataAt > file.sizeBytes) return
    if (dataAt > first.length) first = file.read(0, dataAt)
    let at = dataAt
    for (const [name, sourceBytes, sourceModifiedMs, dataBytes] of readIndex(
      key,
      first.toString('utf8', textAt, dataAt),
    )) {
      this.#places.set(name, { sourceBytes, sourceModifiedMs, at, dataBytes })
      at += 2 * dataBytes
    }
    // If a file was not written completely, its end is missing or zero.
    const isWhole = at + MAGIC.length === file.sizeBytes && file.read(at, MAGIC.length).equals(MAGIC)
    if (!isWhole) this.#places.clear()
  }

  get names(): Iterable<string> {
    return this.#places.keys()
  }

  /** Returns a chunk if its two copies are equal. The next read overwrites its data. */
  get(name: string, file: OpenPack): CompiledChunk | undefined {
    const place = this.#places.get(name)
    if (place === undefined) return undefined
    const { at, dataBytes, sourceBytes, sourceModifiedMs } = place
    const both = file.read(at, 2 * dataBytes)
    const data = both.subarray(0, dataBytes)
    return data.equals(both.subarray(dataBytes)) ? { sourceBytes, sourceModifiedMs, data } : undefined
  }
}

function readIndex(key: string, text: string): Index {
  try {
    const [written, index] = JSON.parse(text) as [string, Index]
    const isSound = written === key && index.every((entry) => entry.slice(1).every((each) => Number(each) >= 0))
    return isSound ? index : []
  } catch {
    return []
  }
}
