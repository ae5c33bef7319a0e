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
 * A start, from top to bottom. Up to the decision nothing of OpenTelemetry is loaded, so a process that stays out pays
 * next to nothing; and up to the first use nothing of it either, so a script that uses nothing pays for the hooks.
 * `handle` is what `register/index.cjs` left on `globalThis` for the public API (`index.ts`) to find.
 */
export function start(handle: Handle): void {
  const preload = inheritByPath()
  const input = processInput({
    parseDotEnv: () => load<typeof import('./settings/parse-dot-env.ts')>('parse-dot-env').parse,
    readDeclared: () => load<typeof import('./settings/declarative/translate.ts')>('config-file').readDeclared,
  })
  if (switchedOffBy(input.env, {}) !== undefined) return doNotStart(preload)
  if (!isMainThread()) {
    // Loaded without compiled code, which takes longer to read than this chunk takes to compile.
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
      settings: outline.settings(),
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
  // After the first use, it is kept when the last telemetry has been delivered.
  else if (!compiled.isKept()) watchExit(compiled.keep)
}

/** Returns whether the first use cannot be seen in this process, or would be too late. */
function cannotWait({ lambdaHandler, requiresBuiltinsAlone, nodeVersion }: Facts): boolean {
  return (
    lambdaHandler !== undefined ||
    // Its `require` calls no hook.
    requiresBuiltinsAlone ||
    // The thread of the hooks for ES modules has to be there before the first module.
    !supportsSyncLoadHooks(nodeVersion)
  )
}
