import { isBuiltin, register, registerHooks, type ResolveHookSync } from 'node:module'
import { pathToFileURL } from 'node:url'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import { onFirstFetch } from '../base/first-fetch.ts'
import { supportsSyncLoadHooks } from '../base/facts.ts'
import type { InspectedInstrumentation } from '../base/inspection.ts'
import type { InstrumentationSettings } from '../settings/settings.ts'
import { type Bundled, bundledBy } from './bundled.ts'
import { CATALOG } from './catalog.generated.ts'
import type { EsmHooks } from './esm.ts'
import type { EsmMatcherData } from './esm-matcher.ts'
import type { Extras } from './extra.ts'
import { withoutWrapper } from './import-meta-resolve.ts'
import { type InstrumentationOptions, Instrumentations, type OperationMetricsOf } from './instrumentations.ts'
import { withSettings } from './options.ts'
import { builtinName, packageOfSpecifier, packageOfUrl } from '../base/package-names.ts'
import { PendingPackages } from './pending-packages.ts'
import { isRequire, required } from '../base/required.ts'
import { onBuiltin } from './require-hook.ts'
import { select } from './selection.ts'
import { useBuiltin } from './use-builtin.ts'

export interface HooksInput {
  readonly settings: InstrumentationSettings
  readonly nodeVersion: string
  /** The file of an AWS Lambda function's handler, which is instrumented by its path. */
  readonly lambdaHandler?: string | undefined
  readonly mainScript?: string | undefined
  readonly operationMetricsOf: OperationMetricsOf
  /** Called once, when the app is about to load `node:worker_threads`. */
  readonly onWorkerThreads?: () => void
}

export interface Hooks {
  /** Called by the hook that waits for the first use (`base/first-use.ts`). */
  readonly resolve: ResolveHookSync
  /** The packages and builtins for which an instrumentation is waiting. */
  readonly names: readonly string[]
  /** Whether `fetch` is instrumented, which exists without being loaded. */
  readonly hasFetch: boolean
  /** Receives the exports of a file in a bundle, and returns what the app should get. */
  readonly bundled: Bundled
  /** Returns whether any file of a bundle has been passed. */
  hasBundled(): boolean
  /** Passes on the first message, which an instrumentation that subscribes to its channel later has missed. */
  requestCreated(message: unknown): void
  /**
   * Starts the instrumentations that measure the process itself, and the one that waits for `fetch`. Nothing is missed
   * if this happens a little later.
   */
  observeRuntime(): void
  /**
   * Starts every instrumentation that waits for a builtin, for an app whose `require` calls
   * no hook.
   */
  useBuiltins(): void
  /** Gives the providers of the SDK to the instrumentations that were started before it. */
  useProviders(): void
  inspect(): readonly InspectedInstrumentation[]
}

const RUNTIME: readonly string[] = ['runtime-node', 'host-metrics']
/** The instrumentation that is started by the first `fetch`, or when the app has started. */
const FETCH = 'undici'

/**
 * Creates a resolve hook that constructs an instrumentation when a module that it patches is first resolved, before
 * that module is evaluated. Must be called after the providers are registered, because an instrumentation takes its
 * meter when it is constructed.
 */
export function createHooks({
  settings,
  nodeVersion,
  lambdaHandler,
  mainScript,
  operationMetricsOf,
  onWorkerThreads = () => {},
}: HooksInput): Hooks {
  const { on } = select(settings)
  const instrumentations = new Instrumentations(
    withSettings(namedOptions(settings.options), settings),
    operationMetricsOf,
  )
  const pending = new PendingPackages(on)
  for (const name of pending.always) {
    if (name === FETCH) onFirstFetch((message) => instrumentations.requestCreated(message))
    else if (!RUNTIME.includes(name) && (name !== 'aws-lambda' || lambdaHandler !== undefined))
      instrumentations.activate(name)
  }
  const builtin = (name: string): void => useBuiltin(name, pending, instrumentations)
  onBuiltin(builtin)
  const extras =
    settings.extra.length === 0
      ? undefined
      : load<typeof import('./extra.ts')>('extra-hooks').loadExtras(settings.extra, mainScript)
  pending.add(extras?.packages ?? [])
  const bundled = bundledBy(pending, instrumentations)
  let hasBundled = false
  const workerThreads = onceOf(onWorkerThreads)
  const esm = esmWrapping(matcherData(on, extras, lambdaHandler), nodeVersion)
  return {
    resolve: resolveHook(pending, instrumentations, builtin, esm, workerThreads, lambdaHandler),
    names: [...pending.names, ...(extras?.packages ?? [])],
    hasFetch: on.has(FETCH),
    bundled: (...file) => {
      hasBundled = true
      return bundled(...file)
    },
    hasBundled: () => hasBundled,
    requestCreated: (message) => instrumentations.requestCreated(message),
    observeRuntime() {
      for (const name of [...RUNTIME, FETCH]) if (on.has(name)) instrumentations.activate(name)
    },
    useBuiltins() {
      for (const each of pending.builtins) builtin(each)
      workerThreads()
    },
    useProviders: () => instrumentations.useProviders(),
    inspect: () => instrumentations.inspect(),
  }
}

function namedOptions(texts: InstrumentationSettings['options']): InstrumentationOptions {
  if (Object.keys(texts).length === 0) return {}
  const { options, problems } = load<typeof import('./named-options.ts')>('named-options').readNamedOptions(texts)
  for (const line of problems) warn(line)
  return options
}

function matcherData(on: ReadonlySet<string>, extras: Extras | undefined, handler: string | undefined): EsmMatcherData {
  const packages = [...on].flatMap((name) => Object.entries(CATALOG[name]?.packages ?? {}))
  return {
    packages: [...packages.map(([name]) => name), ...(extras?.packages ?? [])],
    files: [
      ...packages.flatMap(([name, { files }]) => files.map((file) => `${name}/${file}`)),
      ...(extras?.files ?? []),
    ],
    ...(handler === undefined ? {} : { url: pathToFileURL(handler).href }),
  }
}

/**
 * Returns the hooks that wrap ES modules, from the first import of a catalogued package on; undefined before that, and
 * if there are none.
 */
type EsmWrapping = (startNow: boolean) => EsmHooks | undefined

function esmWrapping(data: EsmMatcherData, nodeVersion: string): EsmWrapping {
  if (!('WebAssembly' in globalThis)) {
    // The parser that reads the exports of modules is WebAssembly. Without it, a wrapper would break every import of
    // named exports.
    warn('ES modules are not instrumented, only CommonJS: node runs without WebAssembly (--jitless)')
    return () => undefined
  }
  if (!supportsSyncLoadHooks(nodeVersion)) {
    if (!isCodeMadeOfStrings()) {
      // On these versions, Node's lexer for CommonJS finds no exports in what the wrappers import.
      warn(
        'ES modules are not instrumented, only CommonJS: --disallow-code-generation-from-strings needs a newer Node.js',
      )
      return () => undefined
    }
    try {
      register(pathToFileURL(`${__dirname}/esm-hooks-thread.cjs`), { data })
    } catch (thrown) {
      warn(`the hooks for ES modules could not be registered (${reasonOf(thrown)}); only CommonJS is instrumented`)
    }
    return () => undefined
  }
  let hooks: EsmHooks | undefined
  return (startNow) => {
    if (hooks === undefined && startNow) {
      hooks = load<typeof import('./esm.ts')>('esm-hooks').createEsmHooks(data)
      // The load hook is registered only now, because every loaded module passes through it, and the modules of most
      // apps need none.
      registerHooks({ load: hooks.load })
    }
    return hooks
  }
}

function isCodeMadeOfStrings(): boolean {
  try {
    return typeof Reflect.construct(Function, ['']) === 'function'
  } catch {
    return false
  }
}

function resolveHook(
  pending: PendingPackages,
  instrumentations: Instrumentations,
  builtin: (name: string) => void,
  esmHooks: EsmWrapping,
  onWorkerThreads: () => void,
  handler: string | undefined,
): ResolveHookSync {
  const isHandler = (specifier: string): boolean =>
    handler !== undefined && (specifier === handler || specifier === pathToFileURL(handler).href)
  const prepare = (specifier: string, named: string | undefined, url: string, parentUrl: string | undefined): void => {
    if (isBuiltin(specifier)) {
      builtin(builtinName(specifier))
      if (builtinName(specifier) === 'worker_threads' && parentUrl?.startsWith(OWN_FILES) !== true) onWorkerThreads()
    } else if (specifier.charCodeAt(0) !== 46 /* . */) {
      // The package is imported by its name, by path, or through `#imports` into its folder.
      const packageName = named !== undefined && pending.has(named) ? named : packageOfUrl(url)
      if (packageName === undefined || isPartOfInstrumented(packageName, parentUrl)) return
      // The require hook resolves the main files of packages, which loads none of them.
      if (parentUrl?.startsWith(OWN_FILES) === true) return
      for (const name of pending.take(packageName)) instrumentations.activate(name)
    }
  }
  return (specifier, context, nextResolve) => {
    const named = packageOfSpecifier(specifier)
    const isRequired = isRequire(context.conditions)
    const wrap = isRequired ? undefined : esmHooks((named !== undefined && pending.has(named)) || isHandler(specifier))
    const resolved = isRequired
      ? required(specifier, context, nextResolve)
      : withoutWrapper(
          wrap === undefined ? nextResolve(specifier, context) : wrap.resolve(specifier, context, nextResolve),
        )
    try {
      prepare(specifier, named, resolved.url, context.parentURL)
    } catch (thrown) {
      warn(`"${specifier}" could not be instrumented (${reasonOf(thrown)})`)
    }
    return resolved
  }
}

const OWN_FILES = pathToFileURL(__dirname).href

function onceOf(work: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}

/** Express 5 is built on `router`. Its own instrumentation covers it, and a second one would double every span. */
function isPartOfInstrumented(packageName: string, parentUrl: string | undefined): boolean {
  return packageName === 'router' && parentUrl !== undefined && packageOfUrl(parentUrl) === 'express'
}
