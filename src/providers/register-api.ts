import {
  context,
  diag,
  type DiagLogger,
  DiagLogLevel,
  logs,
  type Meter,
  metrics,
  propagation,
  type ProxyTracerProvider,
  trace,
} from '@opentelemetry/api'
import { loadWithin } from '../base/chunks.ts'
import * as ours from '../base/diag.ts'
import { VERSION } from '../base/version.ts'
import { AwaitedProviders, type SdkProviders } from '../sdk/awaited-providers.ts'
import { StorageContextManager } from '../sdk/context-manager.ts'
import { beforeSharedProvider } from '../sdk/global-registry.ts'
import { expectOwnWorkWatched, untraced } from '../sdk/untraced.ts'
import type { LogLevel, Settings } from '../settings/settings.ts'
import type { EarlySettings } from '../start/early-settings.ts'
import { liveBesideLaterSdk, ownApi } from './later-sdk.ts'
import { createPropagator } from './propagator.ts'

/** When the SDK could not be loaded. */
export const NO_PROVIDERS: SdkProviders = {
  tracerProvider: undefined,
  meterProvider: undefined,
  loggerProvider: undefined,
}

export interface RegisteredApi {
  /** For our own metrics; undefined when metrics are off. */
  readonly meter: Meter | undefined
  /** For `handle`. */
  readonly api: ReturnType<typeof ownApi>
  /** Registers the providers of the SDK, once. `then` runs before what is observed so far is registered with them. */
  readonly use: (providers: SdkProviders, then: () => void) => void
  /** Calls `loadSdk`, once. */
  readonly needSdk: () => void
}

/**
 * Registers everything with the API that a process needs before the SDK: context manager, propagator, and providers that
 * call `loadSdk` at the first span or measurement, or when the app reads a provider. `loadSdk` calls `use`, and never
 * throws.
 */
export function registerApi(settings: EarlySettings, loadSdk: () => void): RegisteredApi {
  const awaited = new AwaitedProviders(loadSdk)
  const hasTraces = settings.traces.exporters.length > 0 || settings.print
  const hasMetrics = settings.metrics.exporters.length > 0
  const contextManager = new StorageContextManager()
  const propagator = createPropagator(settings.propagators)
  diag.setLogger(diagLogger, diagLevel(settings.logLevel))
  context.setGlobalContextManager(contextManager)
  propagation.setGlobalPropagator(propagator)
  if (hasMetrics) metrics.setGlobalMeterProvider(awaited.meterProvider)
  if (hasTraces) trace.setGlobalTracerProvider(awaited.tracerProvider)
  beforeSharedProvider(awaited.load)
  liveBesideLaterSdk(contextManager)
  if (watchesOwnWork(settings.instrumentations)) {
    expectOwnWorkWatched()
    loadWithin(untraced)
  }
  return {
    meter: hasMetrics ? metrics.getMeter('@paxx/obs', VERSION) : undefined,
    api: ownApi(hasTraces, hasMetrics, awaited.load),
    needSdk: awaited.load,
    use(providers, then) {
      awaited.use(providers)
      register(providers)
      then()
      awaited.observe()
    },
  }
}

/** Puts the SDK's providers in the place of those that waited for them. */
function register({ tracerProvider, meterProvider, loggerProvider }: SdkProviders): void {
  if (tracerProvider !== undefined) (trace.getTracerProvider() as ProxyTracerProvider).setDelegate(tracerProvider)
  if (meterProvider !== undefined) {
    metrics.disable()
    metrics.setGlobalMeterProvider(meterProvider)
  }
  if (loggerProvider !== undefined) logs.setGlobalLoggerProvider(loggerProvider)
}

/** Passes on what the SDK and the instrumentations log, each line once. */
const logged = new Set<string>()
const diagLogger: DiagLogger = {
  error: (...words) => (isLate(words) ? ours.debug(lineOf(words)) : logOnce(ours.error, words)),
  warn: (...words) => (isLate(words) ? ours.debug(lineOf(words)) : logOnce(ours.warn, words)),
  info: (...words) => logOnce(ours.debug, words),
  debug: (...words) => ours.debug(lineOf(words)),
  verbose: (...words) => ours.debug(lineOf(words)),
}

/** Frameworks modify or end a span after the response was sent, which is harmless and nothing that a user can fix. */
function isLate([first]: readonly unknown[]): boolean {
  return (
    typeof first === 'string' &&
    /^Cannot execute the operation on ended Span|You can only call end\(\) on a span once\.$/.test(first)
  )
}

const MAX_DISTINCT_LINES = 100

function logOnce(log: (line: string) => void, words: unknown[]): void {
  const line = lineOf(words)
  if (logged.has(line) || logged.size >= MAX_DISTINCT_LINES) return
  logged.add(line)
  log(line)
}

function lineOf(words: unknown[]): string {
  return words.map((word) => (typeof word === 'string' ? word : ours.reasonOf(word))).join(' ')
}

function diagLevel(level: LogLevel): DiagLogLevel {
  switch (level) {
    case 'none':
      return DiagLogLevel.NONE
    case 'error':
      return DiagLogLevel.ERROR
    case 'debug':
      return DiagLogLevel.DEBUG
    case 'verbose':
    case 'all':
      return DiagLogLevel.VERBOSE
    default:
      return DiagLogLevel.WARN
  }
}

/**
 * Returns whether an instrumentation may watch our own use of files, sockets and look-ups. Upstream's are off by
 * default, and one that the user adds may watch anything.
 */
function watchesOwnWork({ enabled = [], extra }: Settings['instrumentations']): boolean {
  return extra.length > 0 || ['fs', 'net', 'dns'].some((name) => enabled.includes(name))
}
