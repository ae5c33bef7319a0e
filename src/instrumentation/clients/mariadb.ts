import { context, type Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { observedCall } from '../operations/observed-call.ts'
import { Outermost } from '../operations/outermost.ts'
import { likeOriginal, overrideMethod, patchMethod } from '../operations/patch.ts'
import { verbOf } from '../operations/verb.ts'
import { placeOf } from '../pools/place.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

/**
 * Since 3.5, the CommonJS build is one file that exports only functions, so classes are found through the objects that
 * these return. Only the library's public interface and its clusters are patched.
 */

type Place = Pick<OperationFacts, 'namespace' | 'address' | 'port'>

/** The server of each pool and connection. */
const places = new WeakMap<object, Place>()
const patched = new WeakSet<object>()

/** The methods whose statement is not their first argument. */
const STATEMENTS = { beginTransaction: 'START TRANSACTION', commit: 'COMMIT', rollback: 'ROLLBACK' } as const

function patch(exports: any, tracer: ClientTracer): unknown {
  for (const members of new Set([exports, exports.default ?? exports])) {
    members.createConnection = likeOriginal(
      members.createConnection,
      (original) =>
        function (options) {
          const place = placeOfOptions(options)
          const made = original.apply(this, arguments as never)
          if (typeof made?.then !== 'function') return connectionAt(made, place, tracer)
          return made.then(
            (connection: object) => connectionAt(connection, place, tracer),
            (error: unknown) => {
              fail(tracer.start('mariadb.connect', operationAttributes({ system: 'mariadb', ...place })), error)
              throw error
            },
          )
        },
    )
    members.createPool = likeOriginal(
      members.createPool,
      (original) =>
        function (options) {
          return poolAt(original.apply(this, arguments as never), placeOfOptions(options), tracer)
        },
    )
    members.createPoolCluster = likeOriginal(
      members.createPoolCluster,
      (original) =>
        function () {
          return clusterOfPools(original.apply(this, arguments as never), tracer)
        },
    )
  }
  return exports
}

function connectionAt<Connection extends object>(connection: Connection, place: Place, tracer: ClientTracer) {
  places.set(connection, place)
  // In the first versions, each connection has a `query` of its own.
  patchCall(connection, 'query', textOf, tracer)
  once(Object.getPrototypeOf(connection), (prototype) => {
    patchStatements(prototype, tracer)
    for (const [name, statement] of Object.entries(STATEMENTS)) patchCall(prototype, name, () => statement, tracer)
    patchMethod(
      prototype,
      'prepare',
      (original) =>
        function (sql, callback) {
          // `execute()` may prepare as well, and is recorded itself.
          if (outermost.isWithin) return original.apply(this, arguments as never)
          const facts = { ...factsOf(this), statement: textOf(sql) }
          const args = [...arguments]
          const caller = context.active()
          const failed = (error: unknown): void => context.with(caller, () => fail(start(facts, tracer), error))
          if (typeof callback === 'function') {
            const inCaller = boundToCaller(callback)
            args[1] = (error: unknown, prepared: unknown, ...more: unknown[]) => {
              if (error) failed(error)
              return inCaller(error, error ? prepared : preparedAs(prepared, facts, tracer), ...more)
            }
          }
          const result = original.apply(this, args)
          if (typeof result?.then !== 'function') return result
          return result.then(
            (prepared: unknown) => preparedAs(prepared, facts, tracer),
            (error: unknown) => {
              failed(error)
              throw error
            },
          )
        },
    )
  })
  return connection
}

function poolAt<Pool extends object>(pool: Pool, place: Place, tracer: ClientTracer): Pool {
  places.set(pool, place)
  once(Object.getPrototypeOf(pool), (prototype) => {
    patchStatements(prototype, tracer)
    patchMethod(
      prototype,
      'getConnection',
      (original) =>
        function (callback) {
          const own = places.get(this) ?? {}
          if (typeof callback === 'function') {
            const inCaller = boundToCaller(callback)
            return original.call(this, (error: unknown, connection: any, ...more: unknown[]) =>
              inCaller(error, error ? connection : connectionAt(connection, own, tracer), ...more),
            )
          }
          const result = original.apply(this, arguments as never)
          return typeof result?.then === 'function'
            ? result.then((connection: object) => connectionAt(connection, own, tracer))
            : result
        },
    )
  })
  return pool
}

function clusterOfPools(cluster: any, tracer: ClientTracer): unknown {
  once(Object.getPrototypeOf(cluster), (prototype) => {
    patchMethod(
      prototype,
      '_createPool',
      (original) =>
        function (options) {
          return poolAt(original.apply(this, arguments as never), placeOfOptions(options?.connOptions), tracer)
        },
    )
  })
  return cluster
}

function once(prototype: object, work: (prototype: object) => void): void {
  if (prototype === Object.prototype || patched.has(prototype)) return
  patched.add(prototype)
  work(prototype)
}

function patchStatements(prototype: object, tracer: ClientTracer): void {
  for (const name of ['query', 'queryStream', 'execute', 'batch']) patchCall(prototype, name, textOf, tracer)
}

function patchCall(
  prototype: object,
  name: string,
  statementOf: (sql: unknown) => unknown,
  tracer: ClientTracer,
): void {
  patchMethod(
    prototype,
    name,
    (original) =>
      function (sql, values) {
        if (outermost.isWithin) return original.apply(this, arguments as never)
        const span = start(
          { ...factsOf(this), statement: statementOf(sql) },
          tracer,
          name === 'batch' ? values : undefined,
        )
        return outermost.run(() => observedCall(span, original, this, arguments, fail))
      },
  )
}

/**
 * One method of the library may call another (`beginTransaction` of the callback API calls `query`); only the outer
 * call is the operation.
 */
const outermost = new Outermost()

function preparedAs(prepared: any, facts: OperationFacts, tracer: ClientTracer): unknown {
  for (const name of ['execute', 'executeStream']) {
    const original = prepared?.[name]
    if (typeof original !== 'function') continue
    overrideMethod(
      prepared,
      name,
      likeOriginal(
        original,
        (method) =>
          function () {
            return observedCall(start(facts, tracer), method, this, arguments, fail)
          },
      ),
    )
  }
  return prepared
}

function start(facts: OperationFacts, tracer: ClientTracer, batch?: unknown): Span {
  const verb = verbOf(facts.statement)
  const size = Array.isArray(batch) ? batch.length : 0
  const isBatch = size > 1 && verb !== undefined
  const all: OperationFacts = {
    ...facts,
    operation: isBatch ? `BATCH ${verb}` : verb,
    ...(isBatch && { more: { 'db.operation.batch.size': size } }),
  }
  return tracer.start(spanNameOf(all), operationAttributes(all))
}

function factsOf(target: object): OperationFacts {
  return { system: 'mariadb', ...places.get(target) }
}

function textOf(sql: any): unknown {
  return typeof sql === 'object' && sql !== null ? sql.sql : sql
}

/** Accepts the options as an object or as text: `mariadb://user:password@host:port/database`. */
function placeOfOptions(options: any): Place {
  if (typeof options === 'string') {
    if (!URL.canParse(options)) return {}
    const { hostname, port, pathname } = new URL(options)
    return { address: hostname || 'localhost', port: port || 3306, namespace: decodeURIComponent(pathname.slice(1)) }
  }
  const { host, port, database, socketPath } = Object(options)
  if (typeof socketPath === 'string') return { address: socketPath, namespace: database }
  return { address: host ?? 'localhost', port: port ?? 3306, namespace: database }
}

/** Error codes from 45000 on belong to the connector. */
const FIRST_OF_CONNECTOR = 45_000

function fail(span: Span, error: any): void {
  const errno: unknown = Object(error).errno
  const isServers = typeof errno === 'number' && errno > 0 && errno < FIRST_OF_CONNECTOR
  endFailed(span, error, { statusCode: isServers ? String(errno) : undefined })
}

const POOL: PoolReader = {
  packageName: 'mariadb',
  files: [],
  create(exports, found) {
    for (const members of new Set([exports, exports.default ?? exports])) {
      members.createPool = likeOriginal(
        members.createPool,
        (original) =>
          function () {
            const pool = original.apply(this, arguments as never)
            found(pool)
            return pool
          },
      )
    }
    return exports
  },
  read(pool) {
    if (pool.closed === true) return undefined
    const { address, port, namespace } = places.get(pool) ?? {}
    return {
      name: placeOf(address, port, namespace) || 'mariadb',
      used: pool.activeConnections(),
      idle: pool.idleConnections(),
      pending: pool.taskQueueSize(),
    }
  },
}

const VERSIONS = ['>=3.0.0 <4']

export const client: Client = {
  hooks: [
    { packageName: 'mariadb', versions: VERSIONS, patch },
    {
      packageName: 'mariadb',
      versions: VERSIONS,
      files: ['mariadb/callback.js', 'mariadb/dist/callback.cjs'],
      patch,
    },
  ],
  operations: { unmeasuredSpans: new Set(['mariadb.connect']) },
  pools: [POOL],
}
