import { context, type Span, SpanStatusCode, trace, type TracerProvider } from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation'
import { GraphQLInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-graphql'
import type { FrameworkSpans } from './layer-spans.ts'
import { PassingTracer } from './passing-tracer.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

interface GraphQLOptions {
  readonly enabled?: boolean
  readonly frameworkSpans?: FrameworkSpans
  readonly ignoreResolveSpans?: boolean
  readonly mergeItems?: boolean
}

interface Operation {
  readonly kind: string
  readonly operation?: string
  readonly name?: { readonly value: string }
}

interface ExecutionArgs {
  readonly document?: { readonly definitions?: readonly Operation[] }
  readonly operationName?: string | null
  readonly variableValues?: object | null
  readonly contextValue?: unknown
}

interface ExecutionResult {
  readonly errors?: readonly Error[]
}

type Execute = (this: unknown, ...args: never[]) => unknown

/** What is used of upstream's inside (instrumentation-graphql 0.300, instrumentation.ts; the version is inlined). */
interface Upstream {
  getConfig(): GraphQLOptions
  init(): readonly InstrumentationNodeModuleDefinition[] | InstrumentationNodeModuleDefinition
  setTracerProvider(provider: TracerProvider): void
  _createExecuteSpan(operation: Operation | undefined, args: ExecutionArgs): Span
  _patchExecute(defaultFieldResolver: unknown): (original: Execute) => Execute
}

const Base = UpstreamInstrumentation as unknown as new (config?: object) => Upstream

/** What comes before an operation is run. */
const STEPS: ReadonlySet<string> = new Set(['graphql.parse', 'graphql.validate'])
const MAX_EXCEPTIONS = 8

/**
 * One span for each operation that graphql-js or `@graphql-tools/executor` (Yoga, Mesh) runs, named by its type and name, with the
 * errors of the result. Spans of resolvers come with `OBS_FRAMEWORK_SPANS=all`, those of the items of a list as one.
 */
export class GraphQLInstrumentation extends Base {
  constructor(config: GraphQLOptions = {}) {
    super({
      ignoreResolveSpans: config.frameworkSpans !== 'all',
      mergeItems: true,
      ...config,
      responseHook: recordErrors,
    })
    this.setTracerProvider(trace.getTracerProvider())
  }

  override init(): readonly InstrumentationNodeModuleDefinition[] {
    const files = ['cjs', 'esm'].map(
      (format) =>
        new InstrumentationNodeModuleFile(
          `@graphql-tools/executor/${format}/execution/execute.js`,
          ['>=0.0.1'],
          (exports: object) => {
            replaceMethod<Execute>(exports, 'execute', (execute) => this.#tracing(execute))
            return exports
          },
          () => {},
        ),
    )
    const executor = '@graphql-tools/executor'
    const definition = new InstrumentationNodeModuleDefinition(
      executor,
      ['>=0.0.1'],
      (exports: object) => exports,
      undefined,
      files,
    )
    return [...[super.init()].flat(), definition]
  }

  override setTracerProvider(provider: TracerProvider): void {
    if (this.getConfig().frameworkSpans === 'all') return super.setTracerProvider(provider)
    super.setTracerProvider({
      getTracer: (...scope) =>
        new PassingTracer(provider.getTracer(...scope), (name, options) =>
          STEPS.has(name) ? undefined : [name, options],
        ),
    })
  }

  /** Upstream's, which wraps the fields of the schema, where resolvers have spans. It writes into the app's context value. */
  override _patchExecute(defaultFieldResolver: unknown): (original: Execute) => Execute {
    const upstream = super._patchExecute(defaultFieldResolver)
    return (original) => {
      const tracing = this.#tracing(original)
      if (this.getConfig().ignoreResolveSpans === true) return tracing
      const withResolvers = upstream(original)
      return function (this: unknown, ...args) {
        const { contextValue } = argsOf(args)
        const isWritable = contextValue === undefined || contextValue === null || Object.isExtensible(contextValue)
        return (isWritable ? withResolvers : tracing).apply(this, args)
      }
    }
  }

  #tracing(execute: Execute): Execute {
    const start = (args: ExecutionArgs): Span => this._createExecuteSpan(operationOf(args), args)
    return inPlaceOf<Execute>(execute, function (this: unknown, ...args) {
      const span = start(argsOf(args))
      return context.with(trace.setSpan(context.active(), span), () => {
        try {
          return finished(span, execute.apply(this, args))
        } catch (error) {
          fail(span, [error as Error])
          span.end()
          throw error
        }
      })
    })
  }
}

/** One object, or the arguments of older versions one by one. */
function argsOf(args: readonly unknown[]): ExecutionArgs {
  if (args.length < 2) return (args[0] ?? {}) as ExecutionArgs
  const [, document, , contextValue, variableValues, operationName] = args
  return { document, contextValue, variableValues, operationName } as ExecutionArgs
}

function operationOf({ document, operationName }: ExecutionArgs): Operation | undefined {
  const operations = document?.definitions?.filter(({ kind }) => kind === 'OperationDefinition') ?? []
  return operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0]
}

/** The result stays the object that it is. */
function finished(span: Span, result: unknown): unknown {
  if (result instanceof Promise) {
    result.then(
      (value: unknown) => end(span, value),
      (error: unknown) => {
        fail(span, [error as Error])
        span.end()
      },
    )
  } else end(span, result)
  return result
}

function end(span: Span, result: unknown): void {
  recordErrors(span, result)
  span.end()
}

function recordErrors(span: Span, result: unknown): void {
  const { errors = [] } = (result ?? {}) as ExecutionResult
  if (Array.isArray(errors) && errors.length > 0) fail(span, errors)
}

function fail(span: Span, errors: readonly Error[]): void {
  for (const error of errors.slice(0, MAX_EXCEPTIONS)) span.recordException(error)
  span.setAttribute('error.type', errors[0]?.name ?? '_OTHER')
  span.setStatus({ code: SpanStatusCode.ERROR })
}
