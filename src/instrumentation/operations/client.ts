import type { PoolReader } from '../pools/pool-reader.ts'
import type { ClientTracer } from './client-tracer.ts'

/**
 * Describes everything specific to one client library. The file is named after the client, as in
 * `OTEL_NODE_ENABLED_INSTRUMENTATIONS`. The catalog, the options and the metrics are derived from it. A client with
 * `hooks` is instrumented by them, any other by the instrumentation of the same name in upstream's set.
 */
export interface Client {
  readonly hooks?: readonly ClientHook[]
  /**
   * Options besides `enabled` and `requireParentSpan`, for a client with `hooks`. `gone` is an option of upstream's
   * instrumentation that has no effect here.
   */
  readonly options?: Readonly<Record<string, 'boolean' | 'number' | 'text' | 'list' | 'gone'>>
  /** Defaults for options of upstream's instrumentation that the user does not set. */
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly operations?: ClientOperations
  readonly pools?: readonly PoolReader[]
}

/** A module of the client's package that is patched when it is loaded. */
export interface ClientHook {
  /** An npm package, or a builtin module without `node:`. */
  readonly packageName: string
  readonly versions: readonly string[]
  /** The files of the package that are passed to `patch` one by one; by default its main module. */
  readonly files?: readonly string[]
  /**
   * Returns what the app gets instead of the module's exports. For an ES module, `exports` is a namespace whose members
   * can be assigned.
   */
  readonly patch: (exports: any, tracer: ClientTracer) => unknown
}

/** Describes which spans of an instrumentation are operations of a database. */
export interface ClientOperations {
  /** The default of the option `requireParentSpan`, for an instrumentation that has it. */
  readonly requiresParentSpan?: boolean
  /** The names of spans that are not database operations and are not measured. */
  readonly unmeasuredSpans?: ReadonlySet<string>
  /**
   * The underlying driver, by `db.system.name`. If it is instrumented in this process, the operation belongs to the
   * driver, and this client adds neither a span nor a measurement.
   */
  readonly drivers?: Readonly<Record<string, string>>
  /** The conventional name of a system, by the name that the instrumentation uses. */
  readonly systems?: Readonly<Record<string, string>>
  /** Returns `db.operation.name` from the span name, for clients that record it nowhere else. */
  readonly operationOf?: (spanName: string) => string
}
