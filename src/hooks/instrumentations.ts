import { type MeterProvider, metrics, trace, type TracerProvider } from '@opentelemetry/api'
import { InstrumentationBase } from '@opentelemetry/instrumentation'
import { loadInstrumentation } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { InspectedInstrumentation } from '../base/inspection.ts'
import type { Client } from '../instrumentation/operations/client.ts'
import { CATALOG } from './catalog.generated.ts'
import { guardPatches, type Patching } from './guarded-patch.ts'
import { watchModules } from './require-hook.ts'
import { WIDER_VERSIONS } from './wider-versions.ts'

/** The part of the Instrumentation interface that is used here. */
interface Instrumentation {
  setMeterProvider(provider: MeterProvider): void
  setTracerProvider(provider: TracerProvider): void
  /** The modules that it patches. A patched module has its exports here, and every loaded one its version. */
  readonly _modules?: readonly (Patchable & {
    readonly name: string
    readonly supportedVersions: string[]
    readonly moduleVersion?: string
    readonly files: readonly Patchable[]
  })[]
  /** Only for `fetch`: handles a message of `undici:request:create`. */
  onRequestCreated?(message: unknown): void
}

interface Patchable {
  readonly moduleExports?: unknown
}

/** Options that differ from an instrumentation's own defaults, by its short name. */
export type InstrumentationOptions = Readonly<Record<string, object>>

/** Additional options and providers for an instrumentation, by which its operations are measured. */
export interface OperationMetrics {
  readonly options: object
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
}

/**
 * Returns the additions for an instrumentation; undefined when it measures nothing more. `client` is its descriptor, if
 * any, `options` are the user's, and `isActive` tells whether another instrumentation is active.
 */
export type OperationMetricsOf = (
  name: string,
  client: Client | undefined,
  options: object,
  isActive: (name: string) => boolean,
) => OperationMetrics | undefined

const OF_REQUESTS: readonly string[] = ['http', 'undici']

/** Constructs instrumentations from their chunks. One that cannot be constructed is logged and ignored. */
export class Instrumentations {
  readonly #active = new Map<string, Instrumentation>()
  readonly #options: InstrumentationOptions
  readonly #operationMetricsOf: OperationMetricsOf

  constructor(options: InstrumentationOptions, operationMetricsOf: OperationMetricsOf) {
    this.#options = options
    this.#operationMetricsOf = operationMetricsOf
  }

  activate(name: string): void {
    if (this.#active.has(name)) return
    try {
      guardPatches(InstrumentationBase.prototype as unknown as Patching)
      const { packages = {}, builtins = [] } = CATALOG[name] ?? {}
      watchModules([...Object.keys(packages), ...builtins])
      const { Instrumentation, client } = loadInstrumentation(name)
      const options = this.#options[name] ?? {}
      const measures = this.#operationMetricsOf(name, client, options, (other) => this.#active.has(other))
      // Constructing enables: the base class registers its module definitions with the require and import hooks.
      const instrumentation = new Instrumentation({ ...options, ...measures?.options }) as Instrumentation
      for (const { supportedVersions } of instrumentation._modules ?? [])
        supportedVersions.push(...(WIDER_VERSIONS[name] ?? []))
      // Some create their instruments only when they get a provider (runtime-node).
      instrumentation.setMeterProvider(measures?.meterProvider ?? metrics.getMeterProvider())
      if (measures !== undefined) instrumentation.setTracerProvider(measures.tracerProvider)
      this.#active.set(name, instrumentation)
    } catch (thrown) {
      warn(`instrumentation "${name}" could not be loaded (${reasonOf(thrown)}); its library is not instrumented`)
    }
  }

  /**
   * Gives the current providers to the instrumentations of requests, which use the SDK's own tracers and instruments
   * in ways of their own. For all others, those from before the SDK work on.
   */
  useProviders(): void {
    for (const name of OF_REQUESTS) {
      this.#active.get(name)?.setMeterProvider(metrics.getMeterProvider())
      this.#active.get(name)?.setTracerProvider(trace.getTracerProvider())
    }
  }

  /** Passes on the message that activated the instrumentation of `fetch`, which was published before it subscribed. */
  requestCreated(message: unknown): void {
    if (this.#active.has('undici')) return
    this.activate('undici')
    this.#active.get('undici')?.onRequestCreated?.(message)
  }

  inspect(): InspectedInstrumentation[] {
    return [...this.#active].map(([name, { _modules = [] }]) => {
      const loaded = _modules.filter((module) => module.moduleVersion !== undefined || isPatched(module))
      const isDone = new Set(loaded.filter(isPatched).map((module) => module.name))
      // An instrumentation that listens to its package's own channels patches nothing, and works once the package is
      // loaded.
      const listens = _modules.length === 0 ? Object.keys(CATALOG[name]?.packages ?? {}) : []
      return {
        name,
        patched: [...loaded.filter(isPatched).map(moduleAndVersion), ...listens.map((each) => ({ name: each }))],
        passedBy: loaded.filter((module) => !isDone.has(module.name)).map(moduleAndVersion),
      }
    })
  }
}

function isPatched({ moduleExports, files }: NonNullable<Instrumentation['_modules']>[number]): boolean {
  return moduleExports !== undefined || files.some((file) => file.moduleExports !== undefined)
}

function moduleAndVersion({ name, moduleVersion }: NonNullable<Instrumentation['_modules']>[number]): {
  readonly name: string
  readonly version?: string
} {
  return { name, ...(moduleVersion === undefined ? {} : { version: moduleVersion }) }
}
