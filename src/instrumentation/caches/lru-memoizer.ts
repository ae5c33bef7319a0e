import { context } from '@opentelemetry/api'
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { resemble } from '../resemble.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown
/** The version of the scope, as in upstream's instrumentation, which this one replaces. */
const VERSION = '0.68.0'

type Memoizer = Method & { sync?: Method }

/**
 * Runs the callback of a memoized function in the context of the call that passed it. Without this, a call that waits
 * for a load started by another call would run its callback in that call's context. A memoized function keeps its
 * `del`, `reset`, `keys` and `on`.
 */
export class TransparentLruMemoizerInstrumentation extends InstrumentationBase {
  constructor(config: object = {}) {
    super('@opentelemetry/instrumentation-lru-memoizer', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return [
      new InstrumentationNodeModuleDefinition('lru-memoizer', ['>=1.3 <4'], (memoizer: Memoizer) => patched(memoizer)),
    ]
  }
}

function patched(memoizer: Memoizer): Memoizer {
  return resemble(function (this: unknown, ...args: unknown[]) {
    const memoized = Reflect.apply(memoizer, this, args) as Method
    return resemble(withBoundCallback(memoized), memoized)
  }, memoizer)
}

function withBoundCallback(memoized: Method): Method {
  return function (this: unknown, ...args) {
    const callback = args.at(-1)
    if (typeof callback === 'function')
      args[args.length - 1] = resemble(context.bind(context.active(), callback), callback)
    return Reflect.apply(memoized, this, args)
  }
}
