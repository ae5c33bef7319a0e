import { createRequire } from 'node:module'
import { join } from 'node:path'
import { warn } from '../base/diag.ts'
import { currentDirectory } from '../base/environment.ts'

let isSaid = false

/**
 * A thread inherits node's flags as they were written. When they name the preload by its package, and the app has moved to a
 * folder from where it is not found, the thread fails before anything of it runs, which nothing in this process can prevent.
 * Says once what to do.
 */
export function sayWhereUnfound(exitCode: number, startedIn: string): void {
  const folder = currentDirectory()
  if (isSaid || exitCode !== 1 || folder === startedIn || isFoundFrom(folder)) return
  isSaid = true
  const path = join(__dirname, '..', 'register', 'index.cjs')
  warn(
    `a worker thread ended with code 1, and @paxx/obs/register cannot be found from ${folder}, where the app has moved to since its start; name the preload by its path: --import ${path}`,
  )
}

function isFoundFrom(folder: string): boolean {
  try {
    return createRequire(join(folder, 'index.js')).resolve('@paxx/obs/register') !== ''
  } catch {
    return false
  }
}
