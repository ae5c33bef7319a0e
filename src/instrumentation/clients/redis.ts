import { types } from 'node:util'
import { operationAttributes } from '../operations/attributes.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { likeOriginal, patchMethod } from '../operations/patch.ts'
import { patchCallbacks } from '../operations/redis-callbacks.ts'
import {
  patchRedisCluster,
  patchRedisPool,
  patchRedisPoolCommands,
  patchRedisSentinel,
} from '../operations/redis-carriers.ts'
import {
  type CalledClient,
  redisFactsOf,
  failCommands,
  failRedis,
  isSetInfo,
  startCommand,
  statementOf,
} from '../operations/redis-commands.ts'
import { type RedisOutcome, RedisTransactions } from '../operations/redis-transactions.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { watchMethod } from '../pools/watch-method.ts'

/**
 * The client method that is being called. Since redis 4, every command passes through the queue of its connection,
 * which does not know the client. The client's methods put their commands into the queue before they return, so the
 * method that is running provides the client. Commands that are put at the front of the queue are the client's own
 * (`HELLO`, `AUTH`).
 */
interface Calling {
  readonly client: CalledClient
  /** `MULTI` or `PIPELINE` if the commands are sent together. */
  readonly batch: string | undefined
  hasQueued: boolean
}

let calling: Calling | undefined

/** State kept per command queue. */
interface Connection {
  readonly transactions: RedisTransactions
  /** The client, known once a command has come through a patched method. Some methods of redis 4 cannot be patched. */
  client?: CalledClient
  /** The database selected by `SELECT`. */
  database?: string
}

const connections = new WeakMap<object, Connection>()

function connectionOf(queue: object): Connection {
  let connection = connections.get(queue)
  if (connection === undefined)
    connections.set(queue, (connection = { transactions: new RedisTransactions(WATCH_ERROR) }))
  return connection
}

/** The error that the client throws if the response to `EXEC` is null. */
const WATCH_ERROR = { name: 'WatchError', message: 'One (or more) of the watched keys has been changed' }

function patchQueue(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    exports.default.prototype,
    'addCommand',
    (original) =>
      function (args, options) {
        const connection = connectionOf(this)
        const call = callingOn(connection, options?.asap === true)
        const outcome = call && observe(call, args, connection, tracer)
        const result = original.apply(this, arguments as never)
        const isSelect = String(args?.[0]).toLowerCase() === 'select'
        if ((outcome === undefined && !isSelect) || !types.isPromise(result)) return result
        return result.then(
          (reply: unknown) => {
            if (isSelect) connection.database = String(args[1])
            outcome?.answered(reply)
            return reply
          },
          (error: unknown) => {
            outcome?.failed(error)
            throw error
          },
        )
      },
  )
  return exports
}

function callingOn(connection: Connection, isFirst: boolean): Calling | undefined {
  if (calling === undefined)
    return connection.client === undefined || isFirst
      ? undefined
      : { client: connection.client, batch: undefined, hasQueued: true }
  calling.hasQueued = true
  connection.client ??= calling.client
  return calling
}

/** Observes one command. Returns undefined for a command that the app did not send. */
function observe(call: Calling, args: any, connection: Connection, tracer: ClientTracer): RedisOutcome | undefined {
  const name = String(args?.[0])
  const statement = statementOf(name, args?.slice(1), tracer)
  if (isSetInfo(statement)) return undefined
  // The client adds these commands to a transaction.
  const isAdded = call.batch === 'MULTI' && (name === 'MULTI' || name === 'EXEC')
  const span = isAdded ? undefined : startCommand(call.client, name, statement, tracer, call.batch, connection.database)
  return connection.transactions.sent(name, span)
}

type Method = (...args: any[]) => any

/**
 * Wraps a method. `commandsOf` returns the commands of a call, for calls that are rejected before a command is in the
 * queue.
 */
function calls(
  original: Method,
  batchOf: (args: ArrayLike<any>) => string | undefined,
  commandsOf: (args: ArrayLike<any>) => readonly any[],
  tracer: ClientTracer,
): Method {
  return function (this: any, ...args) {
    const outer = calling
    const call: Calling = { client: this, batch: batchOf(args), hasQueued: false }
    calling = call
    let result: any
    try {
      result = original.apply(this, args)
    } finally {
      calling = outer
    }
    if (call.hasQueued || !types.isPromise(result)) return result
    return result.then(undefined, (error: unknown) => {
      failCommands(this, commandsOf(args), error, tracer, call.batch)
      throw error
    })
  }
}

const isSymbol = (value: unknown): boolean => typeof value === 'symbol'
const alone = (): undefined => undefined
const ofBatch = (args: ArrayLike<any>): any[] => Array.from(args[0] ?? [], (command: any) => command.args)

function patchClient(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = exports.default
  const patchCall = (name: string, batchOf: (args: ArrayLike<any>) => string | undefined, commandsOf: Method): void =>
    patchMethod(prototype, name, (original) => calls(original, batchOf, commandsOf, tracer))
  patchCall('sendCommand', alone, ([args]) => [args])
  patchCall('_executeMulti', () => 'MULTI', ofBatch)
  patchCall('_executePipeline', () => 'PIPELINE', ofBatch)
  // In redis 4, a symbol marks a transaction.
  patchCall('multiExecutor', (args) => (Array.from(args).some(isSymbol) ? 'MULTI' : 'PIPELINE'), ofBatch)
  patchMethod(
    prototype,
    'connect',
    (original) =>
      function () {
        const result = original.apply(this, arguments as never)
        if (!types.isPromise(result)) return result
        return result.then(undefined, (error: unknown) => {
          failRedis(tracer.start('redis.connect', operationAttributes(redisFactsOf(this))), error)
          throw error
        })
      },
  )
  for (const name of ['commandsExecutor', 'functionsExecuter', 'scriptsExecuter']) patchCall(name, alone, () => [])
  return exports
}

/** redis 4 takes the function that sends a command when it defines the commands, before it exports its client. */
function patchCommander(exports: any, tracer: ClientTracer): unknown {
  const { transformCommandArguments } = exports
  const commandsOf = ([command, args]: any): readonly any[] => [transformCommandArguments(command, args).args]
  for (const name of ['attachCommands', 'extendWithCommands']) {
    patchMethod(
      exports,
      name,
      (original) =>
        function (config) {
          if (config?.BaseClass?.name !== 'RedisClient') return original.apply(this, arguments as never)
          const executor = likeOriginal(config.executor, (executes) => calls(executes, alone, commandsOf, tracer))
          return original.call(this, { ...config, executor })
        },
    )
  }
  patchRedisPoolCommands(exports)
  return exports
}

const REDIS: PoolReader = {
  packageName: '@redis/client',
  files: ['@redis/client/dist/lib/client/pool.js'],
  create(exports, found) {
    watchMethod(exports.RedisClientPool.prototype, 'connect', (pool: any) => found(pool._self ?? pool))
    return exports
  },
  read: (pool) =>
    pool.isOpen === true
      ? { name: 'redis', used: pool.clientsInUse, idle: pool.idleClients, pending: pool.tasksQueueLength }
      : undefined,
}

const FILES = {
  'lib/client/commands-queue.js': patchQueue,
  'lib/client/index.js': patchClient,
  'lib/commander.js': patchCommander,
  'lib/client/pool.js': patchRedisPool,
  'lib/cluster/index.js': patchRedisCluster,
  'lib/sentinel/index.js': patchRedisSentinel,
} as const

export const client: Client = {
  hooks: [
    { packageName: 'redis', versions: ['>=2.6.0 <4'], patch: patchCallbacks },
    ...['@redis/client', '@node-redis/client'].flatMap((packageName) =>
      Object.entries(FILES).map(([file, patch]) => ({
        packageName,
        versions: ['>=1.0.0 <2', '>=5.0.0 <7'],
        files: [`${packageName}/dist/${file}`],
        patch,
      })),
    ),
  ],
  options: { responseHook: 'gone' },
  operations: { requiresParentSpan: false, unmeasuredSpans: new Set(['redis.connect']) },
  pools: [REDIS],
}
