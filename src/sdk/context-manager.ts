import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core'
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api'
import { enterIn } from './enter-context.ts'

type AnyFunction = (...args: never[]) => unknown

/** On an emitter that is bound: the first binding counts, as upstream. */
const BOUND = Symbol('paxx.obs.bound')

/**
 * The active context in an AsyncLocalStorage. Like upstream's manager but for emitters: that one gives each bound emitter
 * seven methods of its own and each listener a wrapper, which is a large part of what a request costs, since a server binds
 * the request and the response. Here the emitter emits in the context it is bound to, whoever listens.
 */
export class StorageContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()
  #followed: ContextManager | undefined
  #other: ContextManager | undefined

  /** From now on contexts are those of `manager`; undefined: those of our own again. */
  follow(manager: ContextManager | undefined): void {
    this.#followed = manager
  }

  /** `manager` is that of another SDK: what it does with tracing suppressed, its own exports above all, is not traced here either. */
  respect(manager: ContextManager | undefined): void {
    this.#other = manager
  }

  active(): Context {
    if (this.#followed !== undefined) return this.#followed.active()
    const active = this.#storage.getStore() ?? ROOT_CONTEXT
    return this.#other !== undefined && isTracingSuppressed(this.#other.active()) ? suppressTracing(active) : active
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

  /** See `enterContext`. */
  enter(context: Context): void {
    if (this.#followed === undefined) this.#storage.enterWith(context)
    else enterIn(this.#followed, context)
  }

  attach(context: Context): { dispose(): void } {
    if (this.#followed?.attach !== undefined) return this.#followed.attach(context)
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

  /** Without a closure a call. */
  #run(context: Context, fn: AnyFunction, thisArg: unknown, args: unknown[]): unknown {
    if (this.#followed !== undefined)
      return this.#followed.with(context, fn as () => unknown, thisArg as never, ...args)
    return this.#storage.run(context, Reflect.apply as (...all: unknown[]) => unknown, fn, thisArg, args)
  }

  #bindFunction(context: Context, target: AnyFunction): AnyFunction {
    const run = (thisArg: unknown, args: unknown[]): unknown => this.#run(context, target, thisArg, args)
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return run(this, args)
    }
    // Frameworks tell handlers apart by how many parameters they have.
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
      // Most of what a request emits has no listener. An `error` has effects without one.
      const isUnheard = isPlain && args[0] !== 'error' && this.listenerCount(args[0]) === 0
      return (isUnheard || isActive() ? Reflect.apply(emit, this, args) : run(this, args)) as boolean
    }
  }
}
