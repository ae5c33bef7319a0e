import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'

export interface ResolverOptions {
  readonly frameworkSpans?: 'none' | 'handlers' | 'all'
  readonly ignoreResolveSpans?: boolean
  readonly ignoreTrivialResolveSpans?: boolean
  readonly flatResolveSpans?: boolean
  readonly mergeItems?: boolean
  /** Fields below this depth get no spans. A negative value means no limit. */
  readonly depth?: number
}

/** A field of a result, as described by graphql-js. */
export interface ResolvedField {
  /** The names of the fields from the root, and the indices in lists. */
  readonly path: readonly (string | number)[]
  readonly name: string
  readonly type: string
  readonly parent: string
}

/** The state shared by all fields of one path. */
interface Resolver {
  readonly span: Span
  readonly inside: Context
  calls: number
  running: number
  endedAtMs: number
}

/** The maximum number of spans per operation. */
const MAX_SPANS = 100

/**
 * The spans of the resolvers of one operation. The fields of a list's items share one span, from the first call to the
 * last end. They end with the operation; the number of spans beyond the limit is recorded on the operation's span.
 */
export class ResolverSpans {
  readonly #around: Context
  readonly #options: ResolverOptions
  readonly #tracer: () => Tracer
  readonly #byPath = new Map<string, Resolver>()
  readonly #startedAtEpochMs = Date.now()
  readonly #startedAtMs = performance.now()
  #omitted = 0

  /** `around` is the context of the operation. */
  constructor(around: Context, options: ResolverOptions, tracer: () => Tracer) {
    this.#around = around
    this.#options = options
    this.#tracer = tracer
  }

  /** Whether fields that are only read from an object get spans. */
  get hasTrivial(): boolean {
    return this.#options.ignoreTrivialResolveSpans === false
  }

  /** Returns undefined for a field without a span. */
  enter(field: ResolvedField): RunningResolver | undefined {
    const { mergeItems = true, depth = -1 } = this.#options
    const path = mergeItems ? field.path.map((key) => (typeof key === 'number' ? '*' : key)) : field.path
    if (depth >= 0 && path.filter((key) => key !== '*').length > depth) return undefined
    const key = path.join('.')
    const resolver = this.#byPath.get(key) ?? this.#begin(key, path, field)
    if (resolver === undefined) return undefined
    resolver.calls += 1
    resolver.running += 1
    return new RunningResolver(resolver)
  }

  /** Ends all spans, with the operation. */
  end(operation: Span): void {
    for (const { span, calls, running, endedAtMs } of this.#byPath.values()) {
      if (calls > 1) span.setAttribute('graphql.field.calls', calls)
      span.end(this.#epochMs(running > 0 ? performance.now() : endedAtMs))
    }
    this.#byPath.clear()
    if (this.#omitted > 0) operation.setAttribute('graphql.fields.omitted', this.#omitted)
  }

  #begin(key: string, path: readonly (string | number)[], { name, type, parent }: ResolvedField): Resolver | undefined {
    if (this.#byPath.size >= MAX_SPANS) {
      this.#omitted += 1
      return undefined
    }
    const attributes: Attributes = {
      'graphql.field.name': name,
      'graphql.field.path': key,
      'graphql.field.type': type,
      'graphql.field.parent': parent,
    }
    const around = this.#parentOf(path)
    const startTime = this.#epochMs(performance.now())
    const span = this.#tracer().startSpan(`graphql.resolve ${key}`, { attributes, startTime }, around)
    const resolver = { span, inside: trace.setSpan(around, span), calls: 0, running: 0, endedAtMs: 0 }
    this.#byPath.set(key, resolver)
    return resolver
  }

  #parentOf(path: readonly (string | number)[]): Context {
    if (this.#options.flatResolveSpans === true) return this.#around
    for (let length = path.length - 1; length > 0; length--) {
      const parent = this.#byPath.get(path.slice(0, length).join('.'))
      if (parent !== undefined) return parent.inside
    }
    return this.#around
  }

  #epochMs(atMs: number): number {
    return this.#startedAtEpochMs + (atMs - this.#startedAtMs)
  }
}

/** One call of a resolver. */
export class RunningResolver {
  readonly #resolver: Resolver

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  /** The active context with the field's span, so that everything else in it is kept. */
  get context(): Context {
    return trace.setSpan(context.active(), this.#resolver.span)
  }

  end(): void {
    const resolver = this.#resolver
    resolver.running -= 1
    resolver.endedAtMs = performance.now()
  }

  /** The exception is recorded once, on the operation. */
  fail(error: unknown): void {
    const { name } = Object(error) as { readonly name?: unknown }
    this.#resolver.span.setAttribute('error.type', typeof name === 'string' ? name : '_OTHER')
    this.#resolver.span.setStatus({ code: SpanStatusCode.ERROR })
    this.end()
  }
}
