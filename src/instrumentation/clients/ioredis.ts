import { redisText } from '../../privacy/redis.ts'
import { operationAttributes, type OperationFacts } from '../operations/attributes.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { moduleOf, patchMethod } from '../operations/patch.ts'
import { isSetInfo, statusCodeOf } from '../operations/redis-commands.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { watchedMember } from '../pools/watched-class.ts'

function patch(exports: any, tracer: ClientTracer): unknown {
  // A command that waits for its connection is sent a second time.
  const sent = new WeakSet<object>()
  patchMethod(
    moduleOf(exports).prototype,
    'sendCommand',
    (original) =>
      function (command) {
        if (typeof command === 'object' && command !== null && !sent.has(command)) {
          sent.add(command)
          observe(this, command, tracer)
        }
        return original.apply(this, arguments as never)
      },
  )
  return exports
}

function observe(redis: any, command: any, tracer: ClientTracer): void {
  const { dbStatementSerializer } = tracer.options
  const write = typeof dbStatementSerializer === 'function' ? dbStatementSerializer : redisText
  const statement: unknown = write(command.name, command.args)
  if (isSetInfo(command.name, { 'db.query.text': String(statement) })) return
  const { host, port, path, db } = redis.options ?? {}
  const facts: OperationFacts = {
    system: 'redis',
    namespace: String(redis.condition?.select ?? db ?? 0),
    operation: operationOf(command),
    statement,
    address: path ?? host,
    port: typeof path === 'string' ? undefined : port,
  }
  const span = tracer.start(command.name, operationAttributes(facts))
  const { resolve, reject } = command
  command.resolve = (value: unknown) => {
    span.end()
    return resolve.call(command, value)
  }
  command.reject = (error: any) => {
    endFailed(span, error, { statusCode: statusCodeOf(Object(error)) })
    return reject.call(command, error)
  }
}

/** `MULTI get`, `PIPELINE get`: commands of a transaction and of a pipeline. */
function operationOf({ name, inTransaction, pipelineIndex }: any): string {
  if (name === 'multi' || name === 'exec') return name
  if (inTransaction === true) return `MULTI ${name}`
  return pipelineIndex === undefined || pipelineIndex === null ? name : `PIPELINE ${name}`
}

/** A connection to each node, shared by all who send commands: one with commands under way is in use. */
const IOREDIS_CLUSTER: PoolReader = {
  packageName: 'ioredis',
  files: ['ioredis/built/cluster/index.js'],
  create: watchedMember('default'),
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

/** As the app names one: a port, an object or a URL, whose credentials are not shown. */
function placeOfNode(node: any): string {
  if (typeof node === 'number') return `127.0.0.1:${node}`
  if (typeof node === 'object') return `${node.host ?? '127.0.0.1'}:${node.port ?? 6379}`
  const { hostname, port } = new URL(/^rediss?:/.test(node) ? node : `redis://${node}`)
  return `${hostname}:${port || 6379}`
}
