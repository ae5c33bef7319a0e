import type { PoolReader } from '../pools/pool-reader.ts'
import type { ClientTracer } from './client-tracer.ts'

/**
 * Everything that is particular to one client library. The file's name is the client's, as in `OTEL_NODE_ENABLED_INSTRUMENTATIONS`.
 * The catalog, the options and the metrics are derived from it. A client with `hooks` is instrumented by them; any other by the
 * instrumentation of the same name in upstream's set.
 */
export interface Client {
  readonly hooks?: readonly ClientHook[]
  /** Options beside `enabled` and `requireParentSpan`, for a client with `hooks`; `gone`: upstream's had it, and it has no effect here. */
  readonly options?: Readonly<Record<string, 'boolean' | 'number' | 'text' | 'list' | 'gone'>>
  /** Options of upstream's instrumentation, where the user does not set them. */
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly operations?: ClientOperations
  readonly pools?: readonly PoolReader[]
}

/** A module of the client's package that is patched when it is loaded. */
export interface ClientHook {
  /** An npm package, or a builtin without its `node:`. */
  readonly packageName: string
  readonly versions: readonly string[]
  /** Files of the package that `patch` is given one by one. None: its main module. */
  readonly files?: readonly string[]
  /** Gives what the app gets of the module's exports. An ES module is a namespace whose members may be assigned. */
  readonly patch: (exports: any, tracer: ClientTracer) => unknown
}

/** How a client's operations are told from the other spans of its instrumentation. */
export interface ClientOperations {
  /** The default of the option `requireParentSpan`, for an instrumentation that has it. */
  readonly requiresParentSpan?: boolean
  /** Names of spans that are not operations of the database: they are not measured. */
  readonly leftOut?: ReadonlySet<string>
  /**
   * The driver below, by `db.system.name`. Where it is instrumented in this process, the operation is the driver's: this client adds
   * neither a span nor a measurement.
   */
  readonly drivers?: Readonly<Record<string, string>>
  /** The conventional name of a system that the instrumentation calls otherwise. */
  readonly systems?: Readonly<Record<string, string>>
  /** `db.operation.name`, where only the span's name tells it. */
  readonly operationOf?: (spanName: string) => string
}
