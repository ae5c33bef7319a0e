import type { Texts } from '../settings/values.ts'

export interface Pm2Worker {
  readonly env: Texts
  readonly mainScript: string | undefined
  readonly cwd: string | undefined
}

/**
 * Returns the app's environment in a worker of PM2's cluster mode; undefined in any other process. PM2 passes it as
 * JSON in one variable, which a script of its own expands only after all preloads, when it loads the app
 * (pm2/lib/ProcessContainer.js).
 */
export function pm2Worker(env: Texts): Pm2Worker | undefined {
  const text = env['pm2_env']
  if (text === undefined) return undefined
  try {
    // A port may be a number there. Objects are PM2's own.
    const entries = Object.entries(JSON.parse(text) as object).filter(([, value]) => typeof value !== 'object')
    const own: Texts = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
    return { env: { ...env, ...own }, mainScript: own['pm_exec_path'], cwd: own['pm_cwd'] }
  } catch {
    return undefined
  }
}
