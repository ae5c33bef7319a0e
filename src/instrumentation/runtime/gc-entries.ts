import type { PerformanceObserver } from 'node:perf_hooks'
import { warn } from '../../base/diag.ts'

/** Node.js calls it for an exception that nobody caught; `true` says that the process may go on. */
type OnUncaught = (error: unknown, fromPromise: unknown) => boolean

const NAME = '_fatalException'
/** The frame of Node.js 22 to 25 that gives an entry its deprecated accessors, for which it needs sound descriptors. */
const FRAME = /^[^\n]*\n +at [^\n]*defineProperties [^\n]*\n +at observerCallback \(node:internal\/perf\/observe:/

/**
 * Observes garbage collections. Where `Object.prototype` has a `value` or `writable`, by prototype pollution or on purpose,
 * Node.js cannot make the entry of a collection and throws, outside of any code that could catch it. The observation ends
 * then, with one line, and not the process.
 */
export function observeCollections(observer: PerformanceObserver): void {
  observer.observe({ entryTypes: ['gc'] })
  const own = Object.getOwnPropertyDescriptor(process, NAME)
  if (own?.configurable !== true || typeof own.value !== 'function') return
  const original = own.value as OnUncaught
  const restore = (value: unknown): void => {
    Object.defineProperty(process, NAME, { __proto__: null, ...own, value } as PropertyDescriptor)
  }
  const endObservation: OnUncaught = function (this: unknown, error, fromPromise) {
    if (!isOfAnEntry(error)) return Reflect.apply(original, this, [error, fromPromise])
    restore(original)
    observer.disconnect()
    warn(
      'metrics: v8js.gc.duration is no longer recorded, since Node.js cannot report garbage collections while Object.prototype has a "value" or "writable"',
    )
    return true
  }
  Object.defineProperty(process, NAME, {
    __proto__: null,
    configurable: true,
    enumerable: own.enumerable === true,
    // Read when an exception was thrown. As long as nothing is polluted, no frame of ours is among those of the app's listeners.
    get: () => (isPolluted() ? endObservation : original),
    set: restore,
  } as PropertyDescriptor)
}

function isPolluted(): boolean {
  return 'value' in Object.prototype || 'writable' in Object.prototype
}

function isOfAnEntry(error: unknown): boolean {
  if (!(error instanceof TypeError)) return false
  const { stack } = error
  return typeof stack === 'string' && FRAME.test(stack)
}
