import { type MeterProvider, metrics } from '@opentelemetry/api'
import { InstrumentationBase } from '@opentelemetry/instrumentation'
import { loadInstrumentation } from '../chunks.ts'
import { reasonOf, warn } from '../diag.ts'
import { CATALOG } from './catalog.generated.ts'
import { watchModules } from './require-hook.ts'

/** The part of the Instrumentation interface that is used here. */
interface Instrumentation {
  setMeterProvider(provider: MeterProvider): void
}

/** Options that differ from an instrumentation's own defaults, by its short name. */
export type InstrumentationOptions = Readonly<Record<string, object>>

/** `@fastify/otel` adds itself to each Fastify instance only when asked. */
const OPTIONS: InstrumentationOptions = { fastify: { registerOnInitialization: true } }

interface Patching {
  _onRequire(definition: { readonly name: string }, exports: unknown, name: string, baseDirectory?: string): unknown
}

let areGuarded = false

/**
 * A patch may fail on a module that is not as it expects, such as a CommonJS one that is imported. It would be thrown out of
 * the app's own `require` or `import`.
 */
function guardPatches(): void {
  if (areGuarded) return
  areGuarded = true
  const base = InstrumentationBase.prototype as unknown as Patching
  const patch = base._onRequire
  base._onRequire = function (definition, exports, name, baseDirectory) {
    try {
      return patch.call(this, definition, exports, name, baseDirectory)
    } catch (thrown) {
      warn(`"${name}" could not be patched (${reasonOf(thrown)}); it is loaded as it is, without telemetry`)
      return exports
    }
  }
}

/** Constructs instrumentations from their chunks; one that cannot be constructed is a line and is left out. */
export class Instrumentations {
  readonly #active = new Set<string>()
  readonly #options: InstrumentationOptions

  constructor(options: InstrumentationOptions = {}) {
    this.#options = options
  }

  activate(name: string): void {
    if (this.#active.has(name)) return
    try {
      guardPatches()
      const { packages = {}, builtins = [] } = CATALOG[name] ?? {}
      watchModules([...Object.keys(packages), ...builtins])
      const { Instrumentation } = loadInstrumentation(name)
      // Constructing is enabling: the base class registers its module definitions with the require and import hooks.
      const instrumentation = new Instrumentation({ ...OPTIONS[name], ...this.#options[name] }) as Instrumentation
      // Some create their instruments only when they are handed a provider (runtime-node).
      instrumentation.setMeterProvider(metrics.getMeterProvider())
      this.#active.add(name)
    } catch (thrown) {
      warn(`instrumentation "${name}" could not be loaded (${reasonOf(thrown)}); what it covers is not instrumented`)
    }
  }
}
