import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { suppressTracing } from '@opentelemetry/core'
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api'
import type { FollowedManager } from './followed-manager.ts'

type AnyFunction = (...args: never[]) => unknown

/** Marks a bound emitter. As upstream, only the first binding counts. */
const BOUND = Symbol('paxx.obs.bound')

/**
 * Keeps the active context in an AsyncLocalStorage. It works like upstream's manager except for emitters: upstream adds
 * seven methods to each bound emitter and a wrapper to each listener, which is a large part of a request's cost, since
 * a server binds both request and response. Here `emit` itself runs in the bound context.
 */
export class StorageContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()
  #followed: FollowedManager | undefined
  #other: FollowedManager | undefined

  /** Uses the contexts of `manager` from now on; undefined switches back to our own. */
  follow(manager: FollowedManager | undefined): void {
    this.#followed = manager
  }

  /**
   * Suppresses tracing wherever `manager`, which belongs to another SDK, has it suppressed: above all in that SDK's own
   * exports.
   */
  respect(manager: FollowedManager | undefined): void {
    this.#other = manager
  }

  active(): Context {
    const followed = this.#followed?.active()
    if (followed !== undefined) return followed
    const active = this.#storage.getStore() ?? ROOT_CONTEXT
    return this.#other?.suppresses() === true ? suppressTracing(active) : active
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#run(context, fn, thisArg, args) as ReturnType<F>
  }

  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) {
      this.#bindEmitter(context, target)
      return target
    }
    return typeof target === 'function' ? (this.#bindFunction(context, target as unknown as AnyFunction) as T) : target
  }

  enable(): this {
    return this
  }

  disable(): this {
    this.#storage.disable()
    return this
  }

  /** Makes a context active; see `enterContext`. */
  enter(context: Context): void {
    if (this.#followed?.enter(context) !== true) this.#storage.enterWith(context)
  }

  attach(context: Context): { dispose(): void } {
    const attached = this.#followed?.attach(context)
    if (attached !== undefined) return attached
    const before = this.active()
    this.#storage.enterWith(context)
    let isDisposed = false
    return {
      dispose: () => {
        if (!isDisposed) this.#storage.enterWith(before)
        isDisposed = true
      },
    }
  }

  /** Avoids a closure per call. */
  #run(context: Context, fn: AnyFunction, thisArg: unknown, args: unknown[]): unknown {
    if (this.#followed !== undefined) {
      const outcome = this.#followed.with(context, () => Reflect.apply(fn, thisArg, args) as unknown)
      if (outcome !== undefined) return outcome.returned
    }
    return this.#storage.run(context, Reflect.apply as (...all: unknown[]) => unknown, fn, thisArg, args)
  }

  #bindFunction(context: Context, target: AnyFunction): AnyFunction {
    const run = (thisArg: unknown, args: unknown[]): unknown => this.#run(context, target, thisArg, args)
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return run(this, args)
    }
    // Frameworks distinguish handlers by their number of parameters.
    if (target.length > 0) Object.defineProperty(bound, 'length', { configurable: true, value: target.length })
    return bound
  }

  #bindEmitter(context: Context, emitter: EventEmitter & { [BOUND]?: boolean }): void {
    if (emitter[BOUND]) return
    emitter[BOUND] = true
    const { emit } = emitter
    const isPlain = emit === EventEmitter.prototype.emit
    const isActive = (): boolean => this.active() === context
    const run = (thisArg: unknown, args: unknown[]): unknown => this.#run(context, emit, thisArg, args)
    emitter.emit = function (this: EventEmitter, ...args: Parameters<EventEmitter['emit']>): boolean {
      // Most events of a request have no listener. `error` has an effect even without one.
      const hasNoListener = isPlain && args[0] !== 'error' && this.listenerCount(args[0]) === 0
      return (hasNoListener || isActive() ? Reflect.apply(emit, this, args) : run(this, args)) as boolean
    }
  }
}
