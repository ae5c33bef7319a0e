import type { Span } from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation'
import { AwsLambdaInstrumentation } from '@opentelemetry/instrumentation-aws-lambda'
import { parse } from 'node:path'
import { snapshotEnvironment } from '../../base/environment.ts'
import type { Handle } from '../../base/handle.ts'
import { lambdaHandler } from '../../base/lambda.ts'

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Exports = Record<string, unknown>

/** Members of upstream's class that it does not declare. */
interface Upstream {
  _getPatchHandler(original: Handler, startedAtMs: number): Handler
  _isStreamingHandler(handler: object): boolean
  _endSpan(span: Span, thrown: unknown): void
  _wrap(holder: object, name: string, wrapper: (original: Handler) => Handler): unknown
}
const Base = AwsLambdaInstrumentation as unknown as new (config?: object) => Upstream

const HANDLE = Symbol.for('@paxx/obs')

/**
 * Instruments the handler of an AWS Lambda function, loaded by `require` or by `import()`. Lambda freezes the process
 * once it has the response, so the response is held back until everything recorded is delivered, for a bounded time.
 * This includes handlers that return or throw synchronously, for which upstream does not wait.
 */
export class LambdaInstrumentation extends Base {
  init(): InstrumentationNodeModuleDefinition[] {
    const handler = lambdaHandler(snapshotEnvironment())
    if (handler === undefined) return []
    const startedAtMs = Date.now() - Math.floor(1000 * process.uptime())
    const patch = (exports: Exports): Exports => {
      // The namespace of an imported CommonJS module has the handler twice.
      const { default: required } = exports
      for (const holder of required !== null && typeof required === 'object' ? [exports, required] : [exports]) {
        this.#wrapIn(holder as Exports, handler.names, startedAtMs)
      }
      return exports
    }
    const file = new InstrumentationNodeModuleFile(parse(handler.file).name, ['*'], patch, () => {})
    return [new InstrumentationNodeModuleDefinition(handler.file, ['*'], undefined, undefined, [file])]
  }

  /** A handler has no version, and its folder may have no package.json. */
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

  /**
   * Lambda awaits the promise that a handler returns. A response by callback, in runtimes that still support it, comes
   * after the handler has returned.
   */
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
    // A symbol of the function tells upstream whether it streams.
    for (const symbol of Object.getOwnPropertySymbols(original)) {
      Object.defineProperty(handler, symbol, Object.getOwnPropertyDescriptor(original, symbol) as PropertyDescriptor)
    }
    return handler
  }
}
