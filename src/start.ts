import { inheritByPath, type NamedPreload } from './base/inherited-preload.ts'
import { onFirstUse } from './base/first-use.ts'
import { afterTheAppStarted } from './start/after-the-app-started.ts'
import { load } from './base/chunks.ts'
import { decide } from './start/decide.ts'
import * as diag from './base/diag.ts'
import { type Facts, isMainThread, readFacts } from './base/facts.ts'
import type { Handle } from './base/handle.ts'
import { processInput } from './base/environment.ts'
import { watchExit } from './lifecycle/exit.ts'
import type { Settings } from './settings/settings.ts'
import { switchedOffBy } from './base/switches.ts'
import type { Telemetry } from './start/telemetry.ts'
import { startsAtOnce, watchedBy } from './start/watched.ts'

/** The compiled code of this package's own files (`loader/`). */
export interface CompiledCode {
  /** Whether all that has been loaded was kept at an earlier start. */
  readonly isKept: () => boolean
  /** Keeps what was compiled for the next start. Never throws. */
  readonly keep: () => void
}

/** Makes the children and threads of a process that is switched off find the preload. */
export function doNotStart(preload: NamedPreload | undefined = inheritByPath()): void {
  if (preload === undefined) return
  load<typeof import('./threads/worker-elsewhere.ts')>('worker-elsewhere').startWorkersElsewhere(preload)
}

/**
 * A start, from top to bottom. Up to the decision nothing of OpenTelemetry is loaded, so a process that stays out pays
 * next to nothing; and up to the first use nothing of it either, so a script that uses nothing pays for the hooks.
 * `handle` is what `register/index.cjs` left on `globalThis` for the public API (`index.ts`) to find.
 */
export function start(handle: Handle, compiled: CompiledCode): void {
  const preload = inheritByPath()
  const input = processInput({
    parseDotEnv: () => load<typeof import('./settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('./settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  if (switchedOffBy(input.env, {}) !== undefined) return doNotStart(preload)
  if (!isMainThread()) {
    load<typeof import('./threads/start-in-thread.ts')>('start-in-thread').startInThread(handle)
    return
  }
  const facts = readFacts(input)
  const settings = load<typeof import('./settings/read.ts')>('settings').readSettings(input)
  diag.setLogLevel(settings.logLevel)
  const decision = decide(facts, settings)
  if (decision.start) {
    for (const { message } of settings.problems) diag.warn(message)
    startWhenUsed(facts, settings, handle, compiled, preload)
  } else {
    handle.notStartedReason = decision.reason
    if (decision.tell) diag.warn(decision.reason)
    else diag.debug(`not started: ${decision.reason}`)
    doNotStart(preload)
  }
}

/** Starts telemetry (`start/telemetry.ts`) at its first use, or when the app turns out to be no short script. */
function startWhenUsed(
  facts: Facts,
  settings: Settings,
  handle: Handle,
  compiled: CompiledCode,
  preload: NamedPreload | undefined,
): void {
  const { names, hasFetch, problems } = watchedBy(settings.instrumentations)
  for (const line of problems) diag.warn(line)
  let telemetry: Telemetry | undefined
  const use = onFirstUse({ names, hasFetch, handle, where: '' }, () => {
    used()
    telemetry = load<typeof import('./start/stages.ts')>('stages').startTelemetry({
      facts,
      settings,
      handle,
      keepCompiled: compiled.keep,
      preload,
    })
    return telemetry.hooks
  })
  const used = afterTheAppStarted(() => {
    use()
    telemetry?.afterTheAppStarted()
  })
  if (startsAtOnce(settings, facts)) use()
  // After the first use, it is kept when the last telemetry has been delivered.
  else if (!compiled.isKept()) watchExit(compiled.keep)
}
