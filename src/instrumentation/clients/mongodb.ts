import { collectionOf } from '../operations/mongodb-commands.ts'
import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client, ClientHook } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { end, markSent, patchCursor, patchExecute } from '../operations/mongodb-unsent.ts'
import { patchMethod } from '../operations/patch.ts'
import { shapeOf } from '../operations/shape.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { foundBy } from '../pools/watch-method.ts'

/** Commands that the driver sends without a request of the app. */
const OF_THE_DRIVER: ReadonlySet<string> = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'saslStart',
  'saslContinue',
  'authenticate',
])
/** Members that the driver adds to a command. */
const ADDED: ReadonlySet<string> = new Set([
  'lsid',
  '$db',
  '$clusterTime',
  '$readPreference',
  'txnNumber',
  'startTransaction',
  'autocommit',
  'readConcern',
  'writeConcern',
  'apiVersion',
])

/** Since 6.4, `command` returns a promise, and its last argument may be a class. */
const patchConnection =
  (observed: typeof calledBack) =>
  (exports: any, tracer: ClientTracer): unknown => {
    patchMethod(
      exports.Connection.prototype,
      'command',
      (original) =>
        function (ns, command) {
          const name = typeof command === 'object' && command !== null ? Object.keys(command)[0] : undefined
          if (name === undefined || OF_THE_DRIVER.has(name)) return original.apply(this, arguments as never)
          markSent()
          const [address, port] = placeOf(this.address ?? '')
          const facts = { ...factsOf(name, ns?.db, command), address, port }
          return observed(start(facts, command, tracer), this, original, arguments)
        },
    )
    return exports
  }

function factsOf(name: string, namespace: unknown, command: any): OperationFacts {
  const collection = collectionOf(name, command)
  return {
    system: 'mongodb',
    namespace,
    operation: name,
    collection: typeof collection === 'string' ? collection : undefined,
  }
}

function start(facts: OperationFacts, command: object, { start: startSpan, options }: ClientTracer): Span {
  const statement = shapeOf(command, ADDED, options['enhancedDatabaseReporting'] === true)
  return startSpan(spanNameOf({ ...facts, namespace: undefined }), operationAttributes({ ...facts, statement }))
}

type Method = (...args: any[]) => any

/** Calls a method whose last argument is a callback. */
function calledBack(span: Span, self: unknown, original: Method, given: ArrayLike<unknown>): unknown {
  const args = Array.from(given)
  const callback = args.at(-1)
  if (typeof callback !== 'function') return promised(span, self, original, given)
  const inCaller = boundToCaller(callback)
  args[args.length - 1] = function (this: unknown, error: unknown, result: unknown) {
    end(span, error, result)
    return inCaller.apply(this, arguments)
  }
  return original.apply(self, args)
}

function promised(span: Span, self: unknown, original: Method, given: ArrayLike<unknown>): unknown {
  const result = original.apply(self, Array.from(given))
  return result?.then?.(
    (answer: unknown) => {
      end(span, undefined, answer)
      return answer
    },
    (error: unknown) => {
      end(span, error, undefined)
      throw error
    },
  )
}

/** Splits `localhost:27017`, `[::1]:27017` or the path of a socket into address and port. */
function placeOf(address: string): [string | undefined, string | undefined] {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? []
  return host === undefined ? [address || undefined, undefined] : [host, port]
}

/** These versions wait for connections with callbacks. The class that is read for its gauges may be derived from theirs. */
function patchPool(exports: any): unknown {
  const { prototype } = exports.ConnectionPool
  patchMethod(
    Object.hasOwn(prototype, 'checkOut') ? prototype : Object.getPrototypeOf(prototype),
    'checkOut',
    (original) =>
      function (...args) {
        return original.apply(this, args.map(boundToCaller))
      },
  )
  return exports
}

/** Patches MongoDB 3, whose functions take a callback as their last argument. */
function patchWireProtocol(exports: any, tracer: ClientTracer): unknown {
  for (const name of ['insert', 'update', 'remove', 'command', 'query', 'getMore']) {
    patchMethod(
      exports,
      name,
      (original) =>
        function (server, ns, given) {
          const command = name === 'getMore' ? given?.cmd : given
          const first = name === 'command' || name === 'query' ? Object.keys(Object(command))[0] : name
          if (first === undefined || OF_THE_DRIVER.has(first)) return original.apply(this, arguments as never)
          const [namespace, collection] = splitOnce(String(ns))
          const { host, port } = server?.s?.options ?? {}
          const facts = {
            system: 'mongodb',
            namespace,
            operation: first === 'remove' ? 'delete' : first,
            collection: collection === '$cmd' ? undefined : collection,
            address: host,
            port,
          }
          return calledBack(
            start(facts, Array.isArray(command) ? { [name]: command } : Object(command), tracer),
            this,
            original,
            arguments,
          )
        },
    )
  }
  return exports
}

function splitOnce(ns: string): [string, string | undefined] {
  const dot = ns.indexOf('.')
  return dot === -1 ? [ns, undefined] : [ns.slice(0, dot), ns.slice(dot + 1)]
}

const POOL: PoolReader = {
  packageName: 'mongodb',
  files: ['mongodb/lib/cmap/connection_pool.js'],
  create: foundBy((exports) => exports.ConnectionPool, 'ready', 'checkOut'),
  read: (pool) =>
    pool.closed === true
      ? undefined
      : {
          name: String(pool.address),
          used: pool.currentCheckedOutCount,
          idle: pool.availableConnectionCount,
          pending: pool.waitQueueSize,
          max: pool.options?.maxPoolSize || undefined,
        },
}

const HOOKS: readonly ClientHook[] = [
  {
    packageName: 'mongodb',
    versions: ['>=3.3.0 <4'],
    files: ['mongodb/lib/core/wireprotocol/index.js'],
    patch: patchWireProtocol,
  },
  {
    packageName: 'mongodb',
    versions: ['>=4.0.0 <6.4.0'],
    files: ['mongodb/lib/cmap/connection.js'],
    patch: patchConnection(calledBack),
  },
  {
    packageName: 'mongodb',
    versions: ['>=4.0.0 <6.4.0'],
    files: ['mongodb/lib/cmap/connection_pool.js'],
    patch: patchPool,
  },
  {
    packageName: 'mongodb',
    versions: ['>=6.4.0 <8'],
    files: ['mongodb/lib/cmap/connection.js'],
    patch: patchConnection(promised),
  },
  {
    packageName: 'mongodb',
    versions: ['>=4.0.0 <8'],
    files: ['mongodb/lib/operations/execute_operation.js'],
    patch: patchExecute,
  },
  {
    packageName: 'mongodb',
    versions: ['>=6.13.0 <8'],
    files: ['mongodb/lib/cursor/abstract_cursor.js'],
    patch: patchCursor,
  },
]

export const client: Client = {
  hooks: HOOKS,
  options: { enhancedDatabaseReporting: 'boolean', dbStatementSerializer: 'gone', responseHook: 'gone' },
  operations: { requiresParentSpan: true },
  pools: [POOL],
}
