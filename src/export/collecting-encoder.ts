import type { Encoder } from './batcher.ts'

/** Serialises a whole batch. Returns undefined when it cannot. */
export type Serialize<Item> = (items: Item[]) => Uint8Array<ArrayBuffer> | undefined

/** Collects items as they are and serialises them together when their batch is sent. */
export class CollectingEncoder<Item> implements Encoder<Item> {
  readonly #serialize: Serialize<Item>
  #items: Item[] = []
  #sizeBytes = 0

  constructor(serialize: Serialize<Item>) {
    this.#serialize = serialize
  }

  /** The approximate size, estimated from the texts of the items. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  add(item: Item): void {
    this.#items.push(item)
    this.#sizeBytes += weightOf(item, 0)
  }

  finish(): Uint8Array<ArrayBuffer> {
    const body = this.#serialize(this.#items)
    if (body === undefined) throw new Error('the serializer gave nothing')
    this.#items = []
    this.#sizeBytes = 0
    return body
  }
}

/** The members of a span or a log record that an app or its users can make long. */
const LONG = ['attributes', 'body', 'events', 'links', 'name'] as const
const MAX_DEPTH = 4
const ITEM_BYTES = 256

function weightOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return 8
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (depth === 0) {
    const item = value as Readonly<Record<string, unknown>>
    return LONG.reduce((sum, name) => sum + weightOf(item[name], 1), ITEM_BYTES)
  }
  let weight = 16
  for (const [name, each] of Object.entries(value)) weight += name.length + weightOf(each, depth + 1)
  return weight
}
