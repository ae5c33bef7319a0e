import type { Encoder } from './batcher.ts'

/** Serialises all of a batch, or says with undefined that it cannot. */
export type Serialize<Item> = (items: Item[]) => Uint8Array<ArrayBuffer> | undefined

/** Items that wait as they are, and are serialised together when their batch leaves. */
export class Collected<Item> implements Encoder<Item> {
  readonly #serialize: Serialize<Item>
  #items: Item[] = []

  constructor(serialize: Serialize<Item>) {
    this.#serialize = serialize
  }

  add(item: Item): void {
    this.#items.push(item)
  }

  finish(): Uint8Array<ArrayBuffer> {
    const body = this.#serialize(this.#items)
    if (body === undefined) throw new Error('the serializer gave nothing')
    this.#items = []
    return body
  }
}
