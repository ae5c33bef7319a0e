/** The longest text of a command. */
const MAX_CHARS = 4096
/** The longest text of a command whose values are shown. */
const MAX_SHOWN_CHARS = 16_384
const MAX_DEPTH = 12
const MAX_ITEMS = 100

/**
 * Returns a command as JSON with `?` for each value. Array items of the same shape are written once, so a thousand
 * documents become one and the text stays short. Nothing of the command is called except its iterators.
 */
export function shapeOf(command: object, omitted: ReadonlySet<string>, showsValues = false): string {
  const writer = new ShapeWriter(showsValues)
  writer.members(
    Object.entries(command).filter(([key]) => !omitted.has(key)),
    0,
  )
  return writer.text
}

class ShapeWriter {
  text = ''
  readonly #showsValues: boolean
  readonly #limit: number

  constructor(showsValues: boolean) {
    this.#showsValues = showsValues
    this.#limit = showsValues ? MAX_SHOWN_CHARS : MAX_CHARS
  }

  members(entries: readonly (readonly [string, unknown])[], depth: number): void {
    this.#write('{')
    let isFirst = true
    for (const [key, value] of entries) {
      if (this.#isFull()) break
      this.#write(`${isFirst ? '' : ','}${JSON.stringify(key.slice(0, 128))}:`)
      isFirst = false
      this.#value(value, depth + 1)
    }
    this.#write('}')
  }

  #value(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) this.#write('"?"')
    else if (Array.isArray(value)) this.#items(value, depth)
    else if (isPlain(value)) this.members(Object.entries(value), depth)
    else this.#write(this.#showsValues ? shown(value) : '"?"')
  }

  #items(items: readonly unknown[], depth: number): void {
    this.#write('[')
    let last: string | undefined
    for (const item of items.slice(0, MAX_ITEMS)) {
      if (this.#isFull()) break
      const before = this.text
      if (last !== undefined) this.#write(',')
      const start = this.text.length
      this.#value(item, depth + 1)
      const written = this.text.slice(start)
      if (written === last) this.text = before
      else last = written
    }
    this.#write(']')
  }

  #isFull(): boolean {
    return this.text.length >= this.#limit
  }

  #write(part: string): void {
    this.text += part
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? '"?"').slice(0, 1024)
  } catch {
    return '"?"'
  }
}
