import { resemble } from './resemble.ts'
import { withStackRoom } from './stack-room.ts'

/**
 * Replaces the `shimmer` of `@opentelemetry/instrumentation`, with the same interface. The original adds three
 * properties to a wrapper, and does not copy name, length and properties of the function that it wraps.
 */
type Method = (this: unknown, ...args: unknown[]) => unknown
type Holder = Record<PropertyKey, unknown>
type Wrapper = (original: Method, name: PropertyKey) => Method

const originals = new WeakMap<object, Method>()

export function isWrapped(method: unknown): boolean {
  return typeof method === 'function' && originals.has(method)
}

/** Replaces the function `holder[name]` with the result of `wrapper`. Does nothing if there is no function. */
export function wrap(holder: Holder | undefined, name: PropertyKey, wrapper: Wrapper): Method | undefined {
  const original = holder?.[name]
  if (holder === undefined || typeof original !== 'function') return undefined
  let given: Method | undefined
  const wrapped = withStackRoom(original as Method, (called) => wrapper((given = called), name))
  if (wrapped !== given) {
    resemble(wrapped, original)
    originals.set(wrapped, original as Method)
    replace(holder, name, wrapped)
  }
  return wrapped
}

export function unwrap(holder: Holder | undefined, name: PropertyKey): void {
  const wrapped = holder?.[name]
  const original = typeof wrapped === 'function' ? originals.get(wrapped) : undefined
  if (holder !== undefined && original !== undefined) replace(holder, name, original)
}

export function massWrap(holders: readonly Holder[], names: readonly PropertyKey[], wrapper: Wrapper): void {
  for (const holder of holders) for (const name of names) wrap(holder, name, wrapper)
}

export function massUnwrap(holders: readonly Holder[], names: readonly PropertyKey[]): void {
  for (const holder of holders) for (const name of names) unwrap(holder, name)
}

function replace(holder: Holder, name: PropertyKey, method: Method): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(holder, name)
  Object.defineProperty(holder, name, { configurable: true, enumerable, writable: true, value: method })
}
