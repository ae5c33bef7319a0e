import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import workerThreads, { type WorkerOptions } from 'node:worker_threads'
import { currentDirectory } from '../base/environment.ts'
import type { NamedPreload } from '../base/inherited-preload.ts'

type WorkerClass = typeof workerThreads.Worker
type Construct = NonNullable<ProxyHandler<WorkerClass>['construct']>

/**
 * Lets worker threads start after the app has changed its working directory. A thread inherits Node's own flags as they
 * were at the start, whatever `process.execArgv` contains by now, even if it has an environment of its own. When they
 * name the preload by its package or by a relative path, which cannot be resolved from the new directory, the thread
 * would fail before running anything. Such threads are started with flags that name the preload by its absolute path.
 *
 * `Worker` becomes a proxy, since nothing else can add a flag to a thread. It has no trap as long as the same preload
 * is found by each of the names.
 */
export function startWorkersElsewhere({ cwd, names, execArgv }: NamedPreload): void {
  const { Worker } = workerThreads
  const traps = {
    get construct(): Construct | undefined {
      const folder = currentDirectory()
      return folder === cwd || names.every((name) => isSameFrom(folder, cwd, name)) ? undefined : withFlags(execArgv)
    },
  }
  const replaced = new Proxy(Worker, traps as ProxyHandler<WorkerClass>)
  Object.assign(Worker.prototype, { constructor: replaced })
  Object.assign(workerThreads, { Worker: replaced })
  syncBuiltinESMExports()
}

function isSameFrom(folder: string, cwd: string, name: string): boolean {
  try {
    return resolved(folder, name) === resolved(cwd, name)
  } catch {
    return false
  }
}

function resolved(folder: string, name: string): string {
  return createRequire(join(folder, 'index.js')).resolve(name)
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

/** Returns whether a thread inherits the flags of the command line, which it does unless it has flags of its own. */
function inheritsFlags(options: unknown): boolean {
  if (options === undefined) return true
  return typeof options === 'object' && options !== null && (options as WorkerOptions).execArgv == null
}

/**
 * Returns the flags without those that Node's error names: flags of V8 and of the whole process apply to threads as
 * well and cannot be passed to them.
 */
function withoutRefused(flags: readonly string[], thrown: unknown): readonly string[] {
  const { code, message } = thrown as NodeJS.ErrnoException
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return flags
  const refused = new Set(message.slice(message.indexOf(': ') + 2).split(', '))
  const isValue = (index: number): boolean => !(flags[index] ?? '').startsWith('-')
  return flags.filter((flag, index) => !refused.has(flag) && !(isValue(index) && refused.has(flags[index - 1] ?? '')))
}
