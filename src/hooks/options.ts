import { ignoreRules } from '../sampling/ignore-rules.ts'
import type { InstrumentationSettings } from '../settings/settings.ts'
import type { InstrumentationOptions } from './instrumentations.ts'
import { addCapture } from './capture.ts'
import { hostMatcher } from '../base/glob.ts'
import { ignoreIncoming } from '../instrumentation/http/ignore-paths.ts'

type Options = Record<string, unknown>

/** Adds the settings that have their own variables to the individually named options. */
export function withSettings(named: InstrumentationOptions, settings: InstrumentationSettings): InstrumentationOptions {
  const options: Record<string, Options> = { ...(named as Record<string, Options>) }
  addSettings((name) => (options[name] ??= {}), settings)
  return options
}

/** Returns the options of an instrumentation, to be changed. */
type OptionsOf = (instrumentation: string) => Options

/** The instrumentations of requests. */
const HTTP = ['http', 'undici']
const FRAMEWORKS = ['connect', 'express', 'fastify', 'graphql', 'hapi', 'koa', 'nestjs-core', 'router', 'socket.io']
const LOGGERS = ['pino', 'bunyan', 'winston']

function addSettings(of: OptionsOf, settings: InstrumentationSettings): void {
  const set = (names: readonly string[], option: string, value: unknown): void => {
    for (const name of names) of(name)[option] = value
  }
  addRequestSettings(set, settings)
  const { sendsLogs, frameworkSpans } = settings
  if (frameworkSpans !== 'none') set(FRAMEWORKS, 'frameworkSpans', frameworkSpans)
  // The request over HTTP would otherwise be a second CLIENT span of the same call.
  of('aws-sdk')['suppressInternalInstrumentation'] ??= true
  // Without an exporter, log records would still be written twice, through a stream in front of the app's own.
  if (!sendsLogs) for (const name of LOGGERS) of(name)['disableLogSending'] ??= true
  addCapture(of, new Set(settings.capture))
}

type SetOption = (instrumentations: readonly string[], option: string, value: unknown) => void

/** Sets which requests are ignored or not measured, and which methods are known. */
function addRequestSettings(set: SetOption, settings: InstrumentationSettings): void {
  const { ignorePaths, ignoreHosts, unmeasured, httpKnownMethods } = settings
  if (ignorePaths.length > 0) {
    set(['http'], 'ignoreIncomingRequestHook', ignoreIncoming(ignorePaths))
  }
  if (ignoreHosts.length > 0) {
    set(HTTP, 'ignoresHost', hostMatcher(ignoreHosts))
  }
  if (unmeasured.paths.length + unmeasured.hosts.length > 0) {
    set(HTTP, 'isUnmeasured', ignoreRules(unmeasured))
  }
  if (httpKnownMethods !== undefined) {
    set(HTTP, 'knownMethods', httpKnownMethods)
  }
}
