import type { Span } from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation'
import { AwsLambdaInstrumentation } from '@opentelemetry/instrumentation-aws-lambda'
import { parse } from 'node:path'
import { snapshotEnvironment } from '../../base/environment.ts'
import type { Handle } from '../../base/handle.ts'
import { lambdaHandler } from '../../base/lambda.ts'

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Exports = Record<string, unknown>

/** What upstream's class has and does not declare. */
interface Upstream {
  _getPatchHandler(original: Handler, startedAtMs: number): Handler
  _isStreamingHandler(handler: object): boolean
  _endSpan(span: Span, thrown: unknown): void
  _wrap(holder: object, name: string, wrapper: (original: Handler) => Handler): unknown
}
const Base = AwsLambdaInstrumentation as unknown as new (config?: object) => Upstream

const HANDLE = Symbol.for('@paxx/obs')

/**
 * The handler of an AWS Lambda function, loaded by `require` or by `import()`. Lambda freezes the process once it has the
 * response, so the response waits until all that was recorded is delivered, within a bound. That holds for handlers that
 * return or throw at once as well, which upstream's lets go before.
 */
export class LambdaInstrumentation extends Base {
  init(): InstrumentationNodeModuleDefinition[] {
    const handler = lambdaHandler(snapshotEnvironment())
    if (handler === undefined) return []
    const startedAtMs = Date.now() - Math.floor(1000 * process.uptime())
    const patch = (exports: Exports): Exports => {
      // What an import gives of a CommonJS module has it twice.
      const { default: required } = exports
      for (const holder of required !== null && typeof required === 'object' ? [exports, required] : [exports]) {
        this.#wrapIn(holder as Exports, handler.names, startedAtMs)
      }
      return exports
    }
    const file = new InstrumentationNodeModuleFile(parse(handler.file).name, ['*'], patch, () => {})
    return [new InstrumentationNodeModuleDefinition(handler.file, ['*'], undefined, undefined, [file])]
  }

  /** A handler has no version, and its folder need not have a package.json. */
  _extractPackageVersion(): undefined {}

  _endInvocationSpanAndFlush(span: Span, thrown: unknown, handOver: () => void, others: readonly Span[] = []): void {
    for (const each of [...others, span]) this._endSpan(each, thrown)
    const handle = (globalThis as { readonly [HANDLE]?: Handle })[HANDLE]
    const delivered = handle?.endOfInvocation?.() ?? Promise.resolve()
    void delivered.then(handOver, handOver)
  }

  #wrapIn(exports: Exports, names: readonly string[], startedAtMs: number): void {
    const holder = names.slice(0, -1).reduce<unknown>((at, name) => (at as Exports | undefined)?.[name], exports)
    const name = names.at(-1) ?? ''
    if (holder === null || typeof holder !== 'object' || typeof (holder as Exports)[name] !== 'function') return
    this._wrap(holder, name, (original) => this._getPatchHandler(this.#asynchronous(original), startedAtMs))
  }

  /** Lambda awaits what a handler returns; a response by callback, where the runtime still has it, comes later than the return. */
  #asynchronous(original: Handler): Handler {
    const isStreaming = this._isStreamingHandler(original)
    const handler: Handler = function (this: unknown, ...args) {
      const hasCallback = !isStreaming && typeof args[2] === 'function'
      try {
        const returned = Reflect.apply(original, this, args) as unknown
        return hasCallback ? returned : Promise.resolve(returned)
      } catch (thrown) {
        return Promise.reject(thrown as Error)
      }
    }
    // Upstream asks the function whether it streams.
    for (const symbol of Object.getOwnPropertySymbols(original)) {
      Object.defineProperty(handler, symbol, Object.getOwnPropertyDescriptor(original, symbol) as PropertyDescriptor)
    }
    return handler
  }
}
