import { createRequire, isBuiltin, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { Hook } from 'import-in-the-middle'
import { logs, metrics, trace } from '@opentelemetry/api'
import { reasonOf, warn } from '../base/diag.ts'
import { guardPatches, type Patching } from './guarded-patch.ts'

/** What is used of a module definition of `@opentelemetry/instrumentation`, whichever version the app has. */
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

/** What the instrumentations of `OBS_INSTRUMENTATIONS` patch: to be wrapped when it is imported as an ES module. */
export interface Extras {
  readonly instrumentations: readonly Extra[]
  readonly packages: readonly string[]
  readonly files: readonly string[]
}

/**
 * Loads the app's own instrumentations, before the app. They bring their own `@opentelemetry/instrumentation`, whose
 * hook on `require` works by itself; its hook on `import` does not see the ES modules that ours wraps, so they get ours.
 */
export function loadExtras(names: readonly string[], mainScript: string | undefined): Extras {
  const instrumentations: Extra[] = []
  for (const name of names) {
    try {
      const found = instrumentationsOf(loadFromApp(name, mainScript))
      if (found.length === 0) {
        warn(`OBS_INSTRUMENTATIONS: "${name}" exports no instrumentation; it is left out`)
      }
      instrumentations.push(...found)
    } catch (thrown) {
      warn(`OBS_INSTRUMENTATIONS: "${name}" could not be loaded (${reasonOf(thrown).slice(0, 300)}); it is left out`)
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

/** From the main script first, as the app's own `require` would; from the working directory where that finds nothing. */
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

/** Every instance and every class among the exports whose instances are instrumentations. */
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

/** Only what looks like one is constructed: constructing anything else might do anything. */
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
    warn(`instrumentation "${extra.instrumentationName}" could not be started (${reasonOf(thrown)}); it is left out`)
    return []
  }
}

function hookImports(extra: Extra, definition: Definition): void {
  if (isBuiltin(definition.name)) {
    // Its own hook patches the builtin when it is required, and `import` then sees it.
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
