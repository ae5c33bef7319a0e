import type { Attributes } from '@opentelemetry/api'

interface Node<T> {
  readonly next: Map<string, Map<unknown, Node<T>>>
  found: T | undefined
}

/**
 * Maps attribute sets to values by walking along their names and values. No key is built, which would be most of the
 * cost of counting. The order of the attributes matters: the same set in another order is another entry.
 */
export class ByAttributes<T extends object> {
  readonly #root: Node<T> = newNode()

  /** Returns the value of a set. `make` creates it for a new set. */
  get(attributes: Attributes, make: (attributes: Attributes) => T): T {
    let node = this.#root
    for (const name in attributes) {
      const value = attributes[name]
      // A list is a new object each time.
      if (typeof value === 'object' && value !== null) return make(attributes)
      node = following(node, name, value)
    }
    return (node.found ??= make(attributes))
  }
}

function newNode<T>(): Node<T> {
  return { next: new Map(), found: undefined }
}

function following<T>(node: Node<T>, name: string, value: unknown): Node<T> {
  let byValue = node.next.get(name)
  if (byValue === undefined) node.next.set(name, (byValue = new Map<unknown, Node<T>>()))
  let next = byValue.get(value)
  if (next === undefined) byValue.set(value, (next = newNode()))
  return next
}
