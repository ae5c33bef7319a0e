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

const FRAMEWORKS = ['connect', 'express', 'fastify', 'graphql', 'hapi', 'koa', 'nestjs-core', 'router', 'socket.io']
const LOGGERS = ['pino', 'bunyan', 'winston']

function addSettings(of: (name: string) => Options, settings: InstrumentationSettings): void {
  const { ignorePaths, ignoreHosts, unmeasured, httpKnownMethods, sendsLogs, frameworkSpans } = settings
  if (ignorePaths.length > 0) of('http')['ignoreIncomingRequestHook'] = ignoreIncoming(ignorePaths)
  if (ignoreHosts.length > 0) {
    const ignoresHost = hostMatcher(ignoreHosts)
    for (const name of ['http', 'undici']) of(name)['ignoresHost'] = ignoresHost
  }
  if (unmeasured.paths.length + unmeasured.hosts.length > 0) {
    const isUnmeasured = ignoreRules(unmeasured)
    for (const name of ['http', 'undici']) of(name)['isUnmeasured'] = isUnmeasured
  }
  if (httpKnownMethods !== undefined) {
    for (const name of ['http', 'undici']) of(name)['knownMethods'] = httpKnownMethods
  }
  if (frameworkSpans !== 'none') {
    for (const name of FRAMEWORKS) of(name)['frameworkSpans'] = frameworkSpans
  }
  // The request over HTTP would otherwise be a second CLIENT span of the same call.
  of('aws-sdk')['suppressInternalInstrumentation'] ??= true
  // Without an exporter, log records would still be written twice, through a stream in front of the app's own.
  if (!sendsLogs) for (const name of LOGGERS) of(name)['disableLogSending'] ??= true
  addCapture(of, new Set(settings.capture))
}
