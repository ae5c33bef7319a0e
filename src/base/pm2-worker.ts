import type { Texts } from '../settings/values.ts'

export interface Pm2Worker {
  readonly env: Texts
  readonly mainScript: string | undefined
  readonly cwd: string | undefined
}

/**
 * PM2's cluster mode hands a worker the app's environment as JSON in one variable, and a script of its own spreads it out
 * and loads the app (pm2/lib/ProcessContainer.js): after all preloads. Undefined: this is no such worker.
 */
export function pm2Worker(env: Texts): Pm2Worker | undefined {
  const text = env['pm2_env']
  if (text === undefined) return undefined
  try {
    // A port may well be a number there. What is neither is PM2's own.
    const entries = Object.entries(JSON.parse(text) as object).filter(([, value]) => typeof value !== 'object')
    const own: Texts = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
    return { env: { ...env, ...own }, mainScript: own['pm_exec_path'], cwd: own['pm_cwd'] }
  } catch {
    return undefined
  }
}
