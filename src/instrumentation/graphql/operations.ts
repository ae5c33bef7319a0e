import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { learningEndpoint, nameEndpoint } from './endpoint.ts'
import { type Definition, documentText, type GraphQLDocument, operationOf } from './document.ts'
import { errorTypeOf } from '../http/error-type.ts'
import { ServerRequest } from '../http/server-request.ts'
import { RequestBudget } from './request-budget.ts'
import { type ResolverOptions, ResolverSpans } from './resolver-spans.ts'

export interface GraphQLOptions extends ResolverOptions {
  readonly allowValues?: boolean
}

/** The arguments of an executor, with the names of graphql-js. */
export interface ExecutionArgs {
  readonly schema?: unknown
  readonly document?: GraphQLDocument | null
  /** The operation, if it is already known. */
  readonly operation?: Definition
  readonly operationName?: string | null
  readonly variableValues?: Readonly<Record<string, unknown>> | null
}

interface GraphQLErrorLike extends Error {
  readonly originalError?: unknown
  readonly extensions?: { readonly code?: unknown }
}

const MAX_EXCEPTIONS = 8
const MAX_VARIABLES = 32
const MAX_NAME_CHARS = 128
const OPERATION: symbol = createContextKey('@paxx/obs graphql operation')

/** The maximum number of operations of one request that have spans. Clients choose how many a batch has. */
const MAX_OPERATIONS = 100

/** Starts the spans of operations, named after type and name. Semantic conventions, graphql/graphql-spans. */
export class Operations {
  readonly #tracer: () => Tracer
  readonly #options: () => GraphQLOptions
  readonly #budget = new RequestBudget(MAX_OPERATIONS)

  constructor(tracer: () => Tracer, options: () => GraphQLOptions) {
    this.#tracer = tracer
    this.#options = options
  }

  /** Returns undefined for an operation without a span. */
  begin(args: ExecutionArgs): Operation | undefined {
    nameEndpoint()
    const options = this.#options()
    const document = args.document ?? {}
    const { operation: type, name } = args.operation ?? operationOf(document, args.operationName) ?? {}
    // The events of a subscription have one span each, over the duration of its request.
    if (type !== 'subscription' && !this.#admits()) return undefined
    const operationName = name?.value.slice(0, MAX_NAME_CHARS)
    const attributes: Attributes = {}
    if (type !== undefined) attributes['graphql.operation.type'] = type
    if (operationName !== undefined) attributes['graphql.operation.name'] = operationName
    const text = documentText(document, options.allowValues === true)
    if (text !== undefined) attributes['graphql.document'] = text
    if (options.allowValues === true) addVariables(attributes, args.variableValues)
    const words = type === undefined ? ['graphql.execute'] : [type, operationName ?? '']
    const span = this.#tracer().startSpan(words.join(' ').trim(), { attributes })
    return new Operation(span, options, this.#tracer, learningEndpoint(args.schema))
  }

  /** The number of operations beyond the limit is recorded on the SERVER span. */
  #admits(): boolean {
    const served = ServerRequest.active(context.active())
    const omitted = this.#budget.take(served)
    if (omitted > 0) served?.span.setAttribute('graphql.operations.omitted', omitted)
    return omitted === 0
  }
}

/** One operation, from the call of its executor to its result. */
export class Operation {
  readonly #span: Span
  readonly #resolvers: ResolverSpans
  readonly #hasData: (() => void) | undefined
  /** The context in which the resolvers run. */
  readonly context: Context

  /** `hasData` is called if the operation returns data. */
  constructor(span: Span, options: ResolverOptions, tracer: () => Tracer, hasData: (() => void) | undefined) {
    this.#span = span
    this.#hasData = hasData
    const inside = trace.setSpan(context.active(), span)
    this.#resolvers = new ResolverSpans(inside, options, tracer)
    this.context = inside.setValue(OPERATION, this.#resolvers)
  }

  /** Ends the operation with the executor's result: one result, the first of several, or a stream of them. */
  end(result: unknown): void {
    const { initialResult = result } = Object(result) as { readonly initialResult?: unknown }
    const { data, errors: reported } = Object(initialResult) as { readonly data?: unknown; readonly errors?: unknown }
    if (typeof data === 'object' && data !== null) this.#hasData?.()
    if (Array.isArray(reported) && reported.length > 0) this.#fail(reported)
    this.#end()
  }

  /** Ends an operation whose executor threw. */
  fail(error: unknown): void {
    this.#fail([error])
    this.#end()
  }

  #end(): void {
    this.#resolvers.end(this.#span)
    this.#span.end()
  }

  #fail(errors: readonly unknown[]): void {
    const span = this.#span
    for (const error of errors.slice(0, MAX_EXCEPTIONS)) {
      const { originalError } = Object(error) as Partial<GraphQLErrorLike>
      span.recordException(originalError instanceof Error ? originalError : (error as Error))
    }
    span.setAttribute('error.type', typeOf(errors[0]))
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
}

/** Returns the resolver spans of the active operation. */
export function activeResolvers(): ResolverSpans | undefined {
  return context.active().getValue(OPERATION) as ResolverSpans | undefined
}

/** Returns the type of an exception of a resolver, or the code of an error of GraphQL itself. */
function typeOf(error: unknown): string {
  const { originalError, extensions } = Object(error) as Partial<GraphQLErrorLike>
  return errorTypeOf(originalError ?? { name: Object(error).name as unknown, code: extensions?.code })
}

function addVariables(attributes: Attributes, variables: ExecutionArgs['variableValues']): void {
  for (const [name, value] of Object.entries(variables ?? {}).slice(0, MAX_VARIABLES)) {
    attributes[`graphql.variables.${name}`] = typeof value === 'object' ? textOf(value) : (value as string)
  }
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
