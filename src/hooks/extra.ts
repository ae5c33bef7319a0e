import { createRequire, isBuiltin, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { Hook } from 'import-in-the-middle'
import { logs, metrics, trace } from '@opentelemetry/api'
import { reasonOf, warn } from '../base/diag.ts'
import { guardPatches, type Patching } from './guarded-patch.ts'

/**
 * The part of a module definition of `@opentelemetry/instrumentation` that is used, in whatever version the app has.
 */
interface Definition {
  readonly name: string
  readonly files?: readonly { readonly name: string }[]
}

interface Extra extends Patching {
  readonly instrumentationName: string
  enable(): void
  setTracerProvider?(provider: unknown): void
  setMeterProvider?(provider: unknown): void
  setLoggerProvider?(provider: unknown): void
  getModuleDefinitions?(): readonly Definition[]
  readonly _modules?: readonly Definition[]
}

/**
 * The instrumentations of `OBS_INSTRUMENTATIONS`, with the packages and files whose ES modules must be wrapped for
 * them.
 */
export interface Extras {
  readonly instrumentations: readonly Extra[]
  readonly packages: readonly string[]
  readonly files: readonly string[]
}

/**
 * Loads the app's own instrumentations before the app. They bring their own `@opentelemetry/instrumentation`, whose
 * hook on `require` works by itself. Its hook on `import` does not see the ES modules that ours wraps, so they get
 * ours.
 */
export function loadExtras(names: readonly string[], mainScript: string | undefined): Extras {
  const instrumentations: Extra[] = []
  for (const name of names) {
    try {
      const found = instrumentationsOf(loadFromApp(name, mainScript))
      if (found.length === 0) {
        warn(`OBS_INSTRUMENTATIONS: "${name}" exports no instrumentation; it is ignored`)
      }
      instrumentations.push(...found)
    } catch (thrown) {
      warn(`OBS_INSTRUMENTATIONS: "${name}" could not be loaded (${reasonOf(thrown).slice(0, 300)}); it is ignored`)
    }
  }
  const definitions = instrumentations.flatMap(start)
  const packages = definitions.filter(({ name }) => !isBuiltin(name))
  return {
    instrumentations,
    packages: packages.map(({ name }) => name),
    files: packages.flatMap(({ files = [] }) => files.map((file) => file.name)),
  }
}

/** Resolves from the main script, like the app's own `require`, and then from the working directory. */
function loadFromApp(name: string, mainScript: string | undefined): unknown {
  const places = [join(process.cwd(), 'package.json')]
  if (name.startsWith('.')) return createRequire(places[0] as string)(name)
  if (mainScript !== undefined) places.unshift(mainScript)
  let path: string | undefined
  let failure: unknown
  for (const place of places) {
    try {
      path ??= createRequire(place).resolve(name)
    } catch (thrown) {
      failure ??= thrown
    }
  }
  if (path === undefined) throw failure
  return createRequire(path)(path)
}

/** Returns all exported instrumentations, and instances of all exported instrumentation classes. */
function instrumentationsOf(exports: unknown): Extra[] {
  const isObject = (typeof exports === 'object' && exports !== null) || typeof exports === 'function'
  const members = isObject ? [exports, ...Object.values(exports as object)] : []
  const found: Extra[] = []
  for (const member of new Set(members)) {
    if (isInstrumentation(member)) found.push(member)
    else if (isClassOfThem(member)) found.push(new member({}))
  }
  return found
}

function isInstrumentation(value: unknown): value is Extra {
  if (typeof value !== 'object' || value === null) return false
  const { instrumentationName, enable } = value as Partial<Extra>
  return typeof instrumentationName === 'string' && typeof enable === 'function'
}

/**
 * Only classes that look like instrumentations are constructed, since constructing anything else might have side
 * effects.
 */
function isClassOfThem(value: unknown): value is new (config: object) => Extra {
  if (typeof value !== 'function') return false
  const prototype = value.prototype as Partial<Record<string, unknown>> | undefined
  return typeof prototype?.['enable'] === 'function' && typeof prototype['disable'] === 'function'
}

function start(extra: Extra): readonly Definition[] {
  try {
    guardPatches(extra)
    extra.setTracerProvider?.(trace.getTracerProvider())
    extra.setMeterProvider?.(metrics.getMeterProvider())
    extra.setLoggerProvider?.(logs.getLoggerProvider())
    extra.enable()
    const definitions = extra.getModuleDefinitions?.() ?? extra._modules ?? []
    for (const definition of definitions) hookImports(extra, definition)
    return definitions
  } catch (thrown) {
    warn(`instrumentation "${extra.instrumentationName}" could not be started (${reasonOf(thrown)}); it is ignored`)
    return []
  }
}

function hookImports(extra: Extra, definition: Definition): void {
  if (isBuiltin(definition.name)) {
    // The instrumentation's own hook patches the builtin when it is required, and `import` then sees the patch.
    module.require(definition.name)
    syncBuiltinESMExports()
    return
  }
  if (extra._onRequire === undefined) return
  // oxlint-disable-next-line no-new -- its constructor registers it
  new Hook([definition.name], { internals: true }, (exports, name, baseDirectory) =>
    extra._onRequire?.(definition, exports, name, baseDirectory ?? undefined),
  )
}
