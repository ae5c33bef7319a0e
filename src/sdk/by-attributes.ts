import type { Attributes } from '@opentelemetry/api'

interface Node<T> {
  readonly next: Map<string, Map<unknown, Node<T>>>
  found: T | undefined
}

/**
 * What belongs to a set of attributes, found by walking along their names and values: no text is made of them, which is most
 * of what counting costs otherwise. The order counts: the same set in another one is another set here.
 */
export class ByAttributes<T extends object> {
  readonly #root: Node<T> = newNode()

  /** `make`: what belongs to a set that is seen for the first time. */
  get(attributes: Attributes, make: (attributes: Attributes) => T): T {
    let node = this.#root
    for (const name in attributes) {
      const value = attributes[name]
      // A list is another object each time.
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
