import { context, type Span } from '@opentelemetry/api'
import type { OperationFacts } from './attributes.ts'
import { boundToCaller } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import {
  failMariadb,
  mariadbFactsOf,
  type MariadbServer,
  mariadbServers,
  startMariadb,
  mariadbTextOf,
} from './mariadb-servers.ts'
import { observedCall } from './observed-call.ts'
import { Outermost, patchOutermost } from './outermost.ts'
import { likeOriginal, overrideMethod, patchMethod } from './patch.ts'

const patched = new WeakSet<object>()

/** The methods whose statement is not their first argument. */
const STATEMENTS = { beginTransaction: 'START TRANSACTION', commit: 'COMMIT', rollback: 'ROLLBACK' } as const

export function connectionAt<Connection extends object>(
  connection: Connection,
  place: MariadbServer,
  tracer: ClientTracer,
): Connection {
  mariadbServers.set(connection, place)
  // In the first versions, each connection has a `query` of its own.
  patchCall(connection, 'query', mariadbTextOf, tracer)
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
          const facts = { ...mariadbFactsOf(this), statement: mariadbTextOf(sql) }
          const args = [...arguments]
          const caller = context.active()
          const failed = (error: unknown): void =>
            context.with(caller, () => failMariadb(startMariadb(facts, tracer), error))
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

export function poolAt<Pool extends object>(pool: Pool, place: MariadbServer, tracer: ClientTracer): Pool {
  mariadbServers.set(pool, place)
  once(Object.getPrototypeOf(pool), (prototype) => {
    patchStatements(prototype, tracer)
    patchMethod(
      prototype,
      'getConnection',
      (original) =>
        function (callback) {
          const own = mariadbServers.get(this) ?? {}
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

export function once(prototype: object, work: (prototype: object) => void): void {
  if (prototype === Object.prototype || patched.has(prototype)) return
  patched.add(prototype)
  work(prototype)
}

function patchStatements(prototype: object, tracer: ClientTracer): void {
  for (const name of ['query', 'queryStream', 'execute', 'batch']) patchCall(prototype, name, mariadbTextOf, tracer)
}

function patchCall(
  prototype: object,
  name: string,
  statementOf: (sql: unknown) => unknown,
  tracer: ClientTracer,
): void {
  const begin = (self: object, [sql, values]: Iterable<any>): Span =>
    startMariadb(
      { ...mariadbFactsOf(self), statement: statementOf(sql) },
      tracer,
      name === 'batch' ? values : undefined,
    )
  patchOutermost(outermost, prototype, name, begin, failMariadb)
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
            return observedCall(startMariadb(facts, tracer), method, this, arguments, failMariadb)
          },
      ),
    )
  }
  return prepared
}
