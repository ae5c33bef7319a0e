import { operationAttributes, type OperationFacts } from '../operations/attributes.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { moduleOf, patchMethod } from '../operations/patch.ts'
import { isSetInfo, statementOf } from '../operations/redis-commands.ts'
import { RedisTransactions } from '../operations/redis-transactions.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { foundBy } from '../pools/watch-method.ts'

function patch(exports: any, tracer: ClientTracer): unknown {
  // Commands that wait for their connection: they are sent a second time before the first call is answered, or after
  // they have failed with a timeout.
  const waiting = new WeakSet<object>()
  patchMethod(
    moduleOf(exports).prototype,
    'sendCommand',
    (original) =>
      function (command) {
        if (typeof command === 'object' && command !== null && !waiting.has(command))
          observe(this, command, waiting, tracer)
        return original.apply(this, arguments as never)
      },
  )
  return exports
}

const transactionsOf = new WeakMap<object, RedisTransactions>()

function observe(redis: any, command: any, waiting: WeakSet<object>, tracer: ClientTracer): void {
  const statement = statementOf(command.name, command.args, tracer)
  if (isSetInfo(statement)) return
  const { host, port, path, db } = redis.options ?? {}
  let transactions = transactionsOf.get(redis)
  if (transactions === undefined) transactionsOf.set(redis, (transactions = new RedisTransactions()))
  const facts: OperationFacts = {
    system: 'redis',
    namespace: String(redis.condition?.select ?? db ?? 0),
    operation: operationOf(command, transactions),
    statement,
    address: path ?? host,
    port: typeof path === 'string' ? undefined : port,
  }
  const span = tracer.start(command.name, operationAttributes(facts))
  const outcome = transactions.sent(command.name, span)
  const { resolve, reject } = command
  waiting.add(command)
  // A cluster sends a command again if a node redirects it to another node.
  const restore = (): void => {
    waiting.delete(command)
    Object.assign(command, { resolve, reject })
  }
  command.resolve = (value: unknown) => {
    restore()
    outcome.answered(value)
    return resolve.call(command, value)
  }
  command.reject = (error: unknown) => {
    if (isTimeout(error)) Object.assign(command, { resolve, reject })
    else restore()
    outcome.failed(error)
    return reject.call(command, error)
  }
}

/** Returns whether this is the error of the option `commandTimeout`. */
function isTimeout(error: any): boolean {
  return error?.message === 'Command timed out'
}

/** Returns `MULTI get` or `PIPELINE get` for commands of a transaction or a pipeline. */
function operationOf({ name, pipelineIndex }: any, transactions: RedisTransactions): string {
  if (name === 'multi' || name === 'exec') return name
  if (transactions.isOpen) return `MULTI ${name}`
  return pipelineIndex === undefined || pipelineIndex === null ? name : `PIPELINE ${name}`
}

/**
 * A cluster has one connection per node, shared by all commands. A connection with pending commands counts as in use.
 */
const IOREDIS_CLUSTER: PoolReader = {
  packageName: 'ioredis',
  files: ['ioredis/built/cluster/index.js'],
  create: foundBy((exports) => exports.default, 'connect'),
  read(cluster) {
    if (cluster.status === 'end') return undefined
    const nodes: any[] = cluster.nodes()
    const open = nodes.filter(({ status }) => status === 'ready')
    const used = open.filter(({ commandQueue }) => commandQueue.length > 0).length
    const pending = nodes.reduce((sum, { offlineQueue }) => sum + offlineQueue.length, cluster.offlineQueue.length)
    return { name: placeOfNode(cluster.startupNodes[0]), used, idle: open.length - used, pending }
  },
}

export const client: Client = {
  hooks: [{ packageName: 'ioredis', versions: ['>=2.0.0 <7'], patch }],
  options: { requestHook: 'gone', responseHook: 'gone' },
  operations: { requiresParentSpan: true },
  pools: [IOREDIS_CLUSTER],
}

/** Returns the address of a node, which the app gives as a port, an object or a URL. Credentials are removed. */
function placeOfNode(node: any): string {
  if (typeof node === 'number') return `127.0.0.1:${node}`
  if (typeof node === 'object') return `${node.host ?? '127.0.0.1'}:${node.port ?? 6379}`
  const { hostname, port } = new URL(/^rediss?:/.test(node) ? node : `redis://${node}`)
  return `${hostname}:${port || 6379}`
}
