import type { PerformanceObserver } from 'node:perf_hooks'
import { warn } from '../../base/diag.ts'

/** The function that Node.js calls for an uncaught exception. It returns `true` if the process may continue. */
type OnUncaught = (error: unknown, fromPromise: unknown) => boolean

const NAME = '_fatalException'

/**
 * Observes garbage collections. If `Object.prototype` has a `value` or `writable`, by prototype pollution or on
 * purpose, Node.js cannot create the entry of a collection and throws outside any code that could catch it. In that
 * case the observation ends with one log line, and the process continues.
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
  // V8 names the frame of a nameless function after the data property that holds it, which there is no longer.
  if (original.name === '') {
    Object.defineProperty(original, 'name', { __proto__: null, value: NAME, configurable: true } as PropertyDescriptor)
  }
  Object.defineProperty(process, NAME, {
    __proto__: null,
    configurable: true,
    enumerable: own.enumerable === true,
    // The getter runs when an exception was thrown. Without pollution, no frame of ours is among those of the app's
    // listeners.
    get: () => (isPolluted() ? endObservation : original),
    set: restore,
  } as PropertyDescriptor)
}

function isPolluted(): boolean {
  return 'value' in Object.prototype || 'writable' in Object.prototype
}

/**
 * Returns whether the error was thrown by Node.js 22 to 25 while it added the deprecated accessors to an entry, which a
 * polluted prototype prevents.
 */
function isOfAnEntry(error: unknown): boolean {
  if (!(error instanceof TypeError) || typeof error.stack !== 'string') return false
  const [, define = '', observe = ''] = error.stack.split('\n', 3)
  return define.includes('defineProperties') && observe.includes('at observerCallback (node:internal/perf/observe:')
}
