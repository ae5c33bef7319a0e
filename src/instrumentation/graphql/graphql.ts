import { context, type Span, trace } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { patchedFile } from '../patched-file.ts'
import { VERSION } from '../../base/version.ts'
import { ServerRequest } from '../http/server-request.ts'
import { replaceExport } from '../frameworks/replace-export.ts'
import { inPlaceOf, replaceMethod } from '../frameworks/replace-method.ts'
import { nameConfiguredEndpoint, nameEndpoint } from './endpoint.ts'
import { type Execute, runOperation, safely, tracingExecutor } from './executors.ts'
import { listenToGraphQL } from './channels.ts'
import type { GraphQLDocument } from './document.ts'
import { type GraphQLOptions, Operations } from './operations.ts'
import { RequestBudget } from './request-budget.ts'
import type { Resolve } from './resolvers.ts'

type Exports = Record<string, unknown>
type Compiled = Record<string, unknown>
type CompileQuery = (
  this: unknown,
  schema: unknown,
  document: GraphQLDocument,
  operationName?: string,
  ...rest: unknown[]
) => Compiled
type CompiledQuery = (this: unknown, root: unknown, contextValue: unknown, variables: unknown) => unknown

/** The versions that are patched. Version 17 and later publish channels. */
const PATCHED = ['>=14.0.0 <17']
const ANY = ['>=0.0.1']
/** The maximum number of spans of parsing and validation that one request has. */
const MAX_STEPS = 200
const EXECUTOR_FILES = ['cjs', 'esm'].map((format) => `@graphql-tools/executor/${format}/execution/execute.js`)
const YOGA_FILES = ['cjs', 'esm'].map((format) => `graphql-yoga/${format}/server.js`)

/**
 * Instruments GraphQL with any server: one span for each operation that graphql-js, `@graphql-tools/executor` (Yoga,
 * Mesh, Hive) or graphql-jit (Mercurius) runs, named after its type and name, with the errors of its result. Spans of
 * resolvers, parsing and validation are enabled by `OBS_FRAMEWORK_SPANS=all`.
 */
export class GraphQLInstrumentation extends InstrumentationBase<InstrumentationConfig & GraphQLOptions> {
  // Set while the base class constructs; an initialiser here would reset it.
  declare private operations: Operations
  declare private steps: RequestBudget
  declare private listens: boolean | undefined

  constructor(config: InstrumentationConfig & GraphQLOptions = {}) {
    super('@paxx/obs/graphql', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    this.steps = new RequestBudget(MAX_STEPS)
    this.operations = new Operations(
      () => this.tracer,
      () => this.getConfig(),
    )
    return [
      new InstrumentationNodeModuleDefinition('graphql', PATCHED, (exports: object) => exports, undefined, [
        patchedFile<Exports>('graphql/execution/execute.js', PATCHED, (exports) => this.#patchExecutors(exports)),
        patchedFile<Exports>('graphql/execution/subscribe.js', PATCHED, (exports) => this.#patchExecutors(exports)),
        patchedFile<Exports>('graphql/subscription/subscribe.js', ['>=14.0.0 <16'], (exports) =>
          this.#patchExecutors(exports),
        ),
        patchedFile<Exports>('graphql/language/parser.js', PATCHED, (exports) => this.#patchStep(exports, 'parse')),
        patchedFile<Exports>('graphql/validation/validate.js', PATCHED, (exports) =>
          this.#patchStep(exports, 'validate'),
        ),
      ]),
      new InstrumentationNodeModuleDefinition('graphql', ['>=17.0.0 <18'], (exports: object) => {
        // Subscribes once, even if an app both requires and imports the package.
        if (!this.listens) listenToGraphQL(this.operations, (name) => this.#startStep(name), this.#hasResolvers)
        this.listens = true
        return exports
      }),
      inner('@graphql-tools/executor', EXECUTOR_FILES, (exports) => this.#patchExecutors(exports)),
      inner('graphql-yoga', YOGA_FILES, patchYoga),
      inner('graphql-jit', ['graphql-jit/dist/execution.js'], (exports) => this.#patchCompiler(exports)),
    ]
  }

  get #hasResolvers(): boolean {
    const { frameworkSpans, ignoreResolveSpans } = this.getConfig()
    return !(ignoreResolveSpans ?? frameworkSpans !== 'all')
  }

  #patchExecutors(exports: Exports): void {
    const { defaultFieldResolver } = exports as { readonly defaultFieldResolver?: Resolve }
    const byDefault = this.#hasResolvers ? defaultFieldResolver : undefined
    for (const name of ['execute', 'executeSync', 'subscribe']) {
      replaceMethod<Execute>(exports, name, (execute) => tracingExecutor(execute, this.operations, byDefault))
    }
  }

  /** A document that is rejected here never reaches an executor, but it was requested. */
  #patchStep(exports: Exports, name: string): void {
    const startStep = (): Span | undefined => this.#startStep(name)
    replaceMethod<Execute>(exports, name, (original) =>
      inPlaceOf<Execute>(original, function (this: unknown, ...args) {
        nameEndpoint()
        const span = startStep()
        if (span === undefined) return original.apply(this, args)
        try {
          return context.with(trace.setSpan(context.active(), span), () => original.apply(this, args))
        } finally {
          span.end()
        }
      }),
    )
  }

  #startStep(name: string): Span | undefined {
    if (this.getConfig().frameworkSpans !== 'all') return undefined
    if (this.steps.take(ServerRequest.active(context.active())) > 0) return undefined
    return this.tracer.startSpan(`graphql.${name}`)
  }

  #patchCompiler(exports: Exports): Exports {
    const { operations } = this
    return replaceExport<CompileQuery>(exports, 'compileQuery', (compile) =>
      tracingCompiler(compile, operations),
    ) as Exports
  }
}

function tracingCompiler(compile: CompileQuery, operations: Operations): CompileQuery {
  return function (this: unknown, schema, document, operationName, ...rest) {
    const compiled = compile.call(this, schema, document, operationName, ...rest)
    // If nothing could be compiled, this is a result with the errors and has no such method.
    replaceMethod<CompiledQuery>(compiled, 'query', (query) =>
      inPlaceOf<CompiledQuery>(query, function (this: unknown, root, contextValue, variables) {
        const variableValues = Object(variables) as Record<string, unknown>
        const operation = safely(() =>
          operations.begin({ schema, document, operationName: operationName ?? null, variableValues }),
        )
        if (operation === undefined) return query.call(this, root, contextValue, variables)
        return runOperation(operation, () => query.call(this, root, contextValue, variables))
      }),
    )
    return compiled
  }
}

/** Yoga compares the path of each request with its endpoint. */
function patchYoga({ YogaServer }: { readonly YogaServer?: { readonly prototype: object } }): void {
  const { prototype = {} } = YogaServer ?? {}
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'graphqlEndpoint')
  const { get } = descriptor ?? {}
  if (get === undefined) return
  Object.defineProperty(prototype, 'graphqlEndpoint', {
    ...descriptor,
    get(this: unknown) {
      const endpoint: unknown = get.call(this)
      if (typeof endpoint === 'string') nameConfiguredEndpoint(endpoint)
      return endpoint
    },
  })
}

/** A package of which only inner files are patched. */
function inner(
  name: string,
  files: readonly string[],
  patch: (exports: Exports) => Exports | void,
): InstrumentationNodeModuleDefinition {
  const patched = files.map((path) => patchedFile<Exports>(path, ANY, patch))
  return new InstrumentationNodeModuleDefinition(name, ANY, (exports: object) => exports, undefined, patched)
}
