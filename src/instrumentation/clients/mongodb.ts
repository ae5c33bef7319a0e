import { collectionOf } from '../operations/mongodb-commands.ts'
import { context, createContextKey, type Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client, ClientHook } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { patchMethod } from '../operations/patch.ts'
import { shapeOf } from '../operations/shape.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { watchedMember } from '../pools/watched-class.ts'

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

/** Tracks whether an operation has been sent to a server; if so, the command's own span records the outcome. */
interface Sending {
  isSent: boolean
}

const SENDING = createContextKey('@paxx/obs mongodb operation')

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
          const sending = context.active().getValue(SENDING) as Sending | undefined
          if (sending !== undefined) sending.isSent = true
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

function end(span: Span, error: any, result: any): void {
  const failure = error ?? writeErrorOf(result)
  if (failure === undefined || failure === null) return span.end()
  const { code, codeName, name } = Object(failure)
  endFailed(span, failure, {
    type: String(codeName ?? code ?? name ?? '_OTHER'),
    statusCode: typeof code === 'number' ? String(code) : undefined,
  })
}

/** Returns the error of a write that the server rejected in a successful response. */
function writeErrorOf(result: any): object | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const isLazy = typeof result.has === 'function' && typeof result.toObject === 'function'
  if (isLazy && !result.has('writeErrors') && !result.has('writeConcernError')) return undefined
  const { writeErrors, writeConcernError } = isLazy ? result.toObject() : result
  const { code, errmsg, codeName } = writeErrors?.[0] ?? writeConcernError ?? {}
  return code === undefined ? undefined : { name: 'MongoServerError', code, codeName, message: errmsg }
}

/** Splits `localhost:27017`, `[::1]:27017` or the path of a socket into address and port. */
function placeOf(address: string): [string | undefined, string | undefined] {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? []
  return host === undefined ? [address || undefined, undefined] : [host, port]
}

/** Records operations for which no server was found, and which therefore never reach a connection. */
function patchExecute(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    exports,
    'executeOperation',
    (original) =>
      function (client, operation) {
        if (arguments.length > 2 && typeof arguments[2] === 'function') return original.apply(this, arguments as never)
        const sending: Sending = { isSent: false }
        const caller = context.active()
        const result = context.with(caller.setValue(SENDING, sending), () => original.apply(this, arguments as never))
        if (typeof result?.then !== 'function') return result
        return result.then(undefined, (error: any) => {
          if (
            !sending.isSent &&
            /^Mongo(?:ServerSelection|Network|PoolClear|WaitQueue|TopologyClosed|NotConnected)/.test(
              String(error?.name),
            )
          )
            context.with(caller, () => failUnsent(client, operation, error, tracer))
          throw error
        })
      },
  )
  return exports
}

function failUnsent(client: any, operation: any, error: any, tracer: ClientTracer): void {
  const name = operation?.commandName ?? String(operation?.constructor?.name).replace(/Operation$/, '')
  const { host, port } = client?.s?.options?.hosts?.[0] ?? {}
  const { db: namespace, collection } = operation?.ns ?? {}
  const facts = { system: 'mongodb', namespace, collection, operation: name, address: host, port }
  endFailed(tracer.start(spanNameOf({ ...facts, namespace: undefined }), operationAttributes(facts)), error, {
    type: String(error.name),
  })
}

/** These versions wait for connections with callbacks. */
function patchPool(exports: any): unknown {
  patchMethod(
    exports.ConnectionPool.prototype,
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
  create: watchedMember('ConnectionPool'),
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
]

export const client: Client = {
  hooks: HOOKS,
  options: { enhancedDatabaseReporting: 'boolean', dbStatementSerializer: 'gone', responseHook: 'gone' },
  operations: { requiresParentSpan: true },
  pools: [POOL],
}
