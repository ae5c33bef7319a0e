import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import workerThreads, { SHARE_ENV, type WorkerOptions } from 'node:worker_threads'
import { currentDirectory, inherited } from '../base/environment.ts'
import type { NamedPreload } from '../base/inherited-preload.ts'

type WorkerClass = typeof workerThreads.Worker
type Construct = NonNullable<ProxyHandler<WorkerClass>['construct']>

/**
 * A worker thread inherits Node's own flags as the process was started with them, whatever `process.execArgv` says by now. Where
 * they name the preload by its package and the app has moved to a folder from which the package is not found, the thread would
 * end before anything of it runs. There it is started with the same flags that name the preload by its path.
 *
 * `Worker` becomes a proxy, since nothing else can add a flag to a thread. It has no trap as long as the package is found.
 */
export function startWorkersElsewhere({ cwd, execArgv }: NamedPreload): void {
  const { Worker } = workerThreads
  const traps = {
    get construct(): Construct | undefined {
      const folder = currentDirectory()
      return folder === cwd || isFoundFrom(folder) ? undefined : withFlags(execArgv)
    },
  }
  const replaced = new Proxy(Worker, traps as ProxyHandler<WorkerClass>)
  Object.assign(Worker.prototype, { constructor: replaced })
  Object.assign(workerThreads, { Worker: replaced })
  syncBuiltinESMExports()
}

function isFoundFrom(folder: string): boolean {
  try {
    return createRequire(join(folder, 'index.js')).resolve('@paxx/obs/register') !== ''
  } catch {
    return false
  }
}

function withFlags(execArgv: readonly string[]): Construct {
  return (target, args: unknown[], newTarget) => {
    const [file, options, ...rest] = args
    let flags = inheritsFlags(options) ? execArgv : undefined
    while (flags !== undefined) {
      const given = { __proto__: options ?? null, execArgv: flags }
      try {
        return Reflect.construct(target, [file, given, ...rest], newTarget) as object
      } catch (thrown) {
        const left = withoutRefused(flags, thrown)
        flags = left.length < flags.length ? left : undefined
      }
    }
    return Reflect.construct(target, args, newTarget) as object
  }
}

/** With flags or an environment of its own a thread inherits no flag of the command line. */
function inheritsFlags(options: unknown): boolean {
  if (options === undefined) return true
  if (typeof options !== 'object' || options === null) return false
  const { execArgv, env } = options as WorkerOptions
  return execArgv == null && (env == null || env === SHARE_ENV || env === inherited().env)
}

/** Flags of V8 and of the whole process hold in a thread as well, and cannot be given to it; Node's error names them. */
function withoutRefused(flags: readonly string[], thrown: unknown): readonly string[] {
  const { code, message } = thrown as NodeJS.ErrnoException
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return flags
  const refused = new Set(message.slice(message.indexOf(': ') + 2).split(', '))
  const isValue = (index: number): boolean => !(flags[index] ?? '').startsWith('-')
  return flags.filter((flag, index) => !refused.has(flag) && !(isValue(index) && refused.has(flags[index - 1] ?? '')))
}
