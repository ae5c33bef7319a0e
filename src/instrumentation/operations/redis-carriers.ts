import { types } from 'node:util'
import { context } from '@opentelemetry/api'
import type { ClientTracer } from './client-tracer.ts'
import { patchMethod } from './patch.ts'
import { type CalledClient, failCommands } from './redis-commands.ts'

/**
 * Pools, clusters and sentinels of node-redis are asked with a task, a function that is called with one of their
 * clients and sends the commands. A task that gets no client is called with this instead, and returns its commands.
 */
const RECORDER = {
  _executeCommand: (_: unknown, parser: any): Asked => ({ commands: [parser.redisArgs] }),
  _executeScript: (_: unknown, parser: any): Asked => ({ commands: [parser.redisArgs] }),
  sendCommand: (args: unknown): Asked => ({ commands: [args] }),
  _executeMulti: (commands: any): Asked => ({ commands: argsOf(commands), batch: 'MULTI' }),
  _executePipeline: (commands: any): Asked => ({ commands: argsOf(commands), batch: 'PIPELINE' }),
}

interface Asked {
  readonly commands: readonly unknown[]
  readonly batch?: string
}

const argsOf = (commands: any): readonly unknown[] => Array.from(commands, ({ args }: any) => args)

type Task = (this: unknown, client: CalledClient, ...more: unknown[]) => any

/** The last client of each pool, cluster or sentinel, whose server is recorded for a command that got none. */
const lastClients = new WeakMap<object, CalledClient>()

/** Whether the running task comes from a method of the library. A task of the app may do anything. */
let isOfLibrary = false

function asLibrary<Result>(call: () => Result): Result {
  const outer = isOfLibrary
  isOfLibrary = true
  try {
    return call()
  } finally {
    isOfLibrary = outer
  }
}

/**
 * A task that waits for a client runs in the caller's context. The commands of a task that gets none are recorded as
 * failed.
 */
function carried(
  carrier: object,
  task: Task,
  isRecorded: boolean,
  give: (task: Task) => unknown,
  tracer: ClientTracer,
): unknown {
  const caller = context.active()
  let isTaken = false
  const result = give(function (client, ...more) {
    isTaken = true
    lastClients.set(carrier, client)
    return context.with(caller, task, this, client, ...more)
  })
  if (!isRecorded || !types.isPromise(result)) return result
  return result.then(undefined, (error: unknown) => {
    if (!isTaken) context.with(caller, failTask, undefined, carrier, task, error, tracer)
    throw error
  })
}

function failTask(carrier: object, task: Task, error: unknown, tracer: ClientTracer): void {
  let asked: Asked
  try {
    asked = task.call(undefined, RECORDER as never)
  } catch {
    return
  }
  failCommands(lastClients.get(carrier), asked.commands, error, tracer, asked.batch)
}

export function patchRedisPool(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = exports.RedisClientPool
  patchMethod(
    prototype,
    'execute',
    (original) =>
      function (task) {
        if (typeof task !== 'function') return original.apply(this, arguments as never)
        return carried(this._self ?? this, task, isOfLibrary, (bound) => original.call(this, bound), tracer)
      },
  )
  patchMethod(
    prototype,
    'sendCommand',
    (original) =>
      function () {
        return asLibrary(() => original.apply(this, arguments as never))
      },
  )
  patchMethod(
    prototype,
    'MULTI',
    (original) =>
      function () {
        const { Multi } = this
        const value = function (...given: any[]): unknown {
          return new Multi(...given.map((each) => (typeof each === 'function' ? libraryFunction(each) : each)))
        }
        return original.call(Object.create(this, { Multi: { value } }))
      },
  )
  return exports
}

function libraryFunction(original: (...args: any[]) => unknown): (...args: any[]) => unknown {
  return function (this: unknown, ...args) {
    return asLibrary(() => original.apply(this, args))
  }
}

const FACTORIES = ['createCommand', 'createModuleCommand', 'createFunctionCommand', 'createScriptCommand']

/** Each command of a pool is a method that the library makes for it. */
export function patchRedisPoolCommands(exports: any): void {
  patchMethod(
    exports,
    'attachConfig',
    (original) =>
      function (config) {
        if (config?.BaseClass?.name !== 'RedisClientPool') return original.apply(this, arguments as never)
        const factories = FACTORIES.map((name) => {
          const create = config[name]
          return [name, (...args: unknown[]) => libraryFunction(create(...args))] as const
        })
        return original.call(this, { ...config, ...Object.fromEntries(factories) })
      },
  )
}

/** Patches the method that gives a task to a node. `at` is the position of the task among its arguments. */
function patchExecute(prototype: object, at: number, tracer: ClientTracer): void {
  patchMethod(
    prototype,
    '_execute',
    (original) =>
      function () {
        const args = [...arguments]
        const task = args[at]
        if (typeof task !== 'function') return original.apply(this, args)
        const give = (bound: Task): unknown => original.apply(this, args.with(at, bound))
        return carried(this._self ?? this, task, true, give, tracer)
      },
  )
}

export function patchRedisCluster(exports: any, tracer: ClientTracer): unknown {
  patchExecute(exports.default.prototype, 3, tracer)
  return exports
}

export function patchRedisSentinel(exports: any, tracer: ClientTracer): unknown {
  patchExecute(exports.default.prototype, 1, tracer)
  if (exports.RedisSentinelClient !== undefined) patchExecute(exports.RedisSentinelClient.prototype, 1, tracer)
  return exports
}
