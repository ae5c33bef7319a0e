import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation'
import { AwsLambdaInstrumentation } from '@opentelemetry/instrumentation-aws-lambda'
import { parse } from 'node:path'
import { load } from '../../base/chunks.ts'
import { warn } from '../../base/diag.ts'
import { snapshotEnvironment } from '../../base/environment.ts'
import { hasFixedMembers } from '../../base/fixed-members.ts'
import type { Handle } from '../../base/handle.ts'
import { lambdaHandler } from '../../base/lambda-environment.ts'

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Exports = Record<string, unknown>

/** Members of upstream's class that it does not declare. */
interface Upstream {
  _getPatchHandler(original: Handler, startedAtMs: number): Handler
  _isStreamingHandler(handler: object): boolean
  _createSpanForRequest(event: unknown, context: InvocationContext, ...rest: unknown[]): Span
  _endSpan(span: Span, thrown: unknown): void
  _wrap(holder: object, name: string, wrapper: (original: Handler) => Handler): unknown
}
interface InvocationContext {
  getRemainingTimeInMillis?(): number
}
const Base = AwsLambdaInstrumentation as unknown as new (config?: object) => Upstream

const HANDLE = Symbol.for('@paxx/obs')

/** Lambda kills the process at the timeout of an invocation. What has ended is exported this long before. */
const BEFORE_TIMEOUT_MS = 500

/**
 * Instruments the handler of an AWS Lambda function, loaded by `require` or by `import()`. Lambda freezes the process
 * once it has the response, so the response is held back until everything recorded is delivered, for a bounded time.
 * This includes handlers that return or throw synchronously, for which upstream does not wait.
 */
export class LambdaInstrumentation extends Base {
  /** The spans of the invocations that have not ended, with the timers for their timeouts. */
  readonly #running = new Map<Span, NodeJS.Timeout | undefined>()

  init(): InstrumentationNodeModuleDefinition[] {
    const handler = lambdaHandler(snapshotEnvironment())
    if (handler === undefined) return []
    const startedAtMs = Date.now() - Math.floor(1000 * process.uptime())
    const patch = (exports: Exports): Exports => {
      // The namespace of an imported CommonJS module has the handler twice.
      const { default: required } = exports
      const wrapIn = (holder: Exports): Exports => this.#wrapIn(holder, handler.names, startedAtMs)
      if (required !== null && typeof required === 'object') {
        const patched = inPlaceOrCopied(required, wrapIn)
        if (patched !== required) exports['default'] = patched
      }
      return wrapIn(exports)
    }
    const file = new InstrumentationNodeModuleFile(parse(handler.file).name, ['*'], patch, () => {})
    return [new InstrumentationNodeModuleDefinition(handler.file, ['*'], undefined, undefined, [file])]
  }

  /** Returns no version: a handler has none, and its folder may have no package.json. */
  _extractPackageVersion(): undefined {}

  _endInvocationSpanAndFlush(span: Span, thrown: unknown, handOver: () => void, others: readonly Span[] = []): void {
    for (const each of [...others, span]) this._endSpan(each, thrown)
    clearTimeout(this.#running.get(span))
    this.#running.delete(span)
    const delivered = ownHandle()?.endOfInvocation?.() ?? Promise.resolve()
    void delivered.then(handOver, handOver)
  }

  override _createSpanForRequest(event: unknown, context: InvocationContext, ...rest: unknown[]): Span {
    const span = super._createSpanForRequest(event, context, ...rest)
    const remainingMs = context.getRemainingTimeInMillis?.() ?? NaN
    const timer =
      remainingMs > BEFORE_TIMEOUT_MS
        ? setTimeout(exportBeforeTimeout, remainingMs - BEFORE_TIMEOUT_MS).unref()
        : undefined
    this.#running.set(span, timer)
    const handle = ownHandle()
    if (handle !== undefined) handle.ending = () => this.#endRunning()
    return span
  }

  /** Ends the spans of running invocations when the process ends, by `process.exit()` or an uncaught error. */
  #endRunning(): void {
    for (const span of this.#running.keys()) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'the process ended during the invocation' })
      span.end()
    }
  }

  #wrapIn(exports: Exports, names: readonly string[], startedAtMs: number): Exports {
    const holder = names.slice(0, -1).reduce<unknown>((at, name) => (at as Exports | undefined)?.[name], exports)
    const name = names.at(-1) ?? ''
    if (holder === null || typeof holder !== 'object' || typeof (holder as Exports)[name] !== 'function') return exports
    this._wrap(holder, name, (original) => this._getPatchHandler(this.#asynchronous(original), startedAtMs))
    return exports
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

function ownHandle(): Handle | undefined {
  return (globalThis as { readonly [HANDLE]?: Handle })[HANDLE]
}

function exportBeforeTimeout(): void {
  warn(`an invocation has not ended ${BEFORE_TIMEOUT_MS} ms before its timeout; exporting the spans that have ended`)
  void ownHandle()?.flush?.(BEFORE_TIMEOUT_MS)
}

/** A bundler's getters and frozen exports cannot be assigned to: the namespace of an import gets a copy of them. */
function inPlaceOrCopied(exports: object, wrapIn: (holder: Exports) => Exports): unknown {
  if (!hasFixedMembers(exports)) return wrapIn(exports as Exports)
  const { patchedBy } = load<typeof import('../../hooks/writable-exports.ts')>('writable-exports')
  return patchedBy(exports, (copy) => wrapIn(copy as Exports))
}
