import { inheritByPath, type NamedPreload } from './base/inherited-preload.ts'
import { onFirstUse } from './base/first-use.ts'
import { afterTheAppStarted } from './start/after-the-app-started.ts'
import { type CompiledCode, load, loadCompiled } from './base/chunks.ts'
import { decide } from './start/decide.ts'
import * as diag from './base/diag.ts'
import { type Facts, isMainThread, readFacts, supportsSyncLoadHooks } from './base/facts.ts'
import type { Handle } from './base/handle.ts'
import { processInput } from './base/environment.ts'
import { watchExit } from './lifecycle/exit.ts'
import { switchedOffBy } from './base/switches.ts'
import type { Telemetry } from './start/telemetry.ts'
import { type Outline, outlineOf } from './start/outline.ts'

/** Makes the children and threads of a process that is switched off find the preload. */
export function doNotStart(preload: NamedPreload | undefined = inheritByPath()): void {
  if (preload === undefined) return
  load<typeof import('./threads/worker-elsewhere.ts')>('worker-elsewhere').startWorkersElsewhere(preload)
}

/**
 * The startup sequence. No OpenTelemetry code is loaded before the decision, so a process that is not instrumented pays
 * next to nothing, nor before the first use, so a script that uses no telemetry pays only for the hooks. `handle` is
 * what `register/index.cjs` left on `globalThis` for the public API (`index.ts`) to find.
 */
export function start(handle: Handle): void {
  const preload = inheritByPath()
  const input = processInput({
    parseDotEnv: () => load<typeof import('./settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('./settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  if (switchedOffBy(input.env, {}) !== undefined) return doNotStart(preload)
  if (!isMainThread()) {
    // This chunk is loaded without the compile cache, since it compiles faster than the cache can be read.
    const { startInThread } = load<typeof import('./threads/start-in-thread.ts')>('start-in-thread')
    loadCompiled(input.env)
    startInThread(handle)
    return
  }
  const compiled = loadCompiled(input.env)
  const facts = readFacts(input)
  const outline = outlineOf(input)
  diag.setLogLevel(outline.logLevel)
  const decision = decide(facts, outline)
  if (decision.start) {
    for (const line of outline.problems) diag.warn(line)
    startWhenUsed(facts, outline, handle, compiled, preload)
  } else {
    handle.notStartedReason = decision.reason
    if (decision.isLogged) diag.warn(decision.reason)
    else diag.debug(`not started: ${decision.reason}`)
    doNotStart(preload)
  }
}

/** Starts telemetry (`start/telemetry.ts`) at its first use, or when the app turns out to be no short script. */
function startWhenUsed(
  facts: Facts,
  outline: Outline,
  handle: Handle,
  compiled: CompiledCode,
  preload: NamedPreload | undefined,
): void {
  const { names, hasFetch, problems } = outline.watched()
  for (const line of problems) diag.warn(line)
  let telemetry: Telemetry | undefined
  const use = onFirstUse({ names, hasFetch, handle, where: '' }, () => {
    used()
    telemetry = load<typeof import('./start/stages.ts')>('stages').startTelemetry({
      facts,
      outline,
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
  if (outline.startsAtOnce || cannotWait(facts)) use()
  // After a first use, the compiled code is cached when the last telemetry has been delivered.
  else if (!compiled.isKept()) watchExit(compiled.keep)
}

/** Returns whether the first use cannot be seen in this process, or would be too late. */
function cannotWait({ lambdaHandler, requiresBuiltinsAlone, nodeVersion }: Facts): boolean {
  return (
    lambdaHandler !== undefined ||
    // The app's `require` calls no hook.
    requiresBuiltinsAlone ||
    // The thread that runs the hooks for ES modules must exist before the first module is loaded.
    !supportsSyncLoadHooks(nodeVersion)
  )
}
