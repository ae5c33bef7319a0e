import { type Context, type ContextManager, createContextKey } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { Guard } from '../base/guard.ts'
import { enterIn } from './enter-context.ts'

const PROBE = createContextKey('paxx.obs.probe')

/**
 * A context manager of the app whose contexts ours uses. Each method returns undefined when the manager throws, or
 * returns something that is not a context. From then on, our own contexts are used.
 */
export class FollowedManager {
  readonly #manager: ContextManager
  readonly #guard = new Guard(
    'a context manager of the app',
    'it is no longer used for the spans of @paxx/obs, which may lack parents',
  )
  #isBroken = false

  constructor(manager: ContextManager) {
    this.#manager = manager
  }

  active(): Context | undefined {
    return this.#try(() => {
      const context: unknown = this.#manager.active()
      if (!isContext(context)) throw new TypeError('active() returned no context')
      return context
    })
  }

  /** Whether the active context suppresses tracing. */
  suppresses(): boolean {
    return this.#try(() => isTracingSuppressed(this.#manager.active())) === true
  }

  /** Runs `work` in a context. Returns undefined when the manager did not run it; what `work` throws is thrown. */
  with(context: Context, work: () => unknown): { readonly returned: unknown } | undefined {
    if (this.#isBroken) return undefined
    let state: 'waiting' | 'started' | 'given up' = 'waiting'
    let returned: unknown
    try {
      this.#manager.with(context, () => {
        if (state !== 'waiting') return returned
        state = 'started'
        return (returned = work())
      })
      if ((state as string) === 'started') return { returned }
      this.#failed(new TypeError('with() did not call its function'))
    } catch (thrown) {
      if ((state as string) === 'started') throw thrown
      this.#failed(thrown)
    }
    state = 'given up'
    return undefined
  }

  /** Makes a context active. Returns true when that succeeded. */
  enter(context: Context): true | undefined {
    return this.#try(() => {
      enterIn(this.#manager, context)
      return true
    })
  }

  attach(context: Context): { dispose(): void } | undefined {
    const attached = this.#try(() => this.#manager.attach?.(context))
    return attached && { dispose: () => void this.#try(() => attached.dispose()) }
  }

  #try<Result>(work: () => Result): Result | undefined {
    if (this.#isBroken) return undefined
    try {
      return work()
    } catch (thrown) {
      this.#failed(thrown)
      return undefined
    }
  }

  #failed(thrown: unknown): void {
    this.#isBroken = true
    this.#guard.failed(thrown)
  }
}

function isContext(value: unknown): value is Context {
  if (typeof value !== 'object' || value === null) return false
  const { getValue, setValue, deleteValue } = value as Partial<Context>
  if (![getValue, setValue, deleteValue].every((method) => typeof method === 'function')) return false
  // Throws if reading any value of the context would.
  ;(value as Context).getValue(PROBE)
  return true
}
