import { context, type Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from './attributes.ts'
import { boundToCaller } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { patchMethod } from './patch.ts'
import { verbOf } from './verb.ts'

/** What mysql and mysql2, which has taken over its interfaces, have in common. */

/** The span of one statement; `statement` is as the app wrote it, without values. */
export function startMysqlStatement(config: unknown, statement: unknown, tracer: ClientTracer): Span {
  const facts = { ...factsOf(config), operation: verbOf(statement), statement }
  return tracer.start(spanNameOf(facts), operationAttributes(facts))
}

/** `config`: that of a connection. */
export function factsOf(config: any): OperationFacts {
  const { host, port, database, socketPath } = config ?? {}
  return {
    system: 'mysql',
    namespace: database,
    address: socketPath ?? host,
    port: socketPath === undefined ? port : undefined,
  }
}

/** The text of a statement, of options with one, or of a command. */
export function textOf(sql: any): unknown {
  return typeof sql === 'object' && sql !== null ? sql.sql : sql
}

export function fail(span: Span, error: any): void {
  const { errno, code } = Object(error)
  const isServers =
    typeof errno === 'number' && errno > 0 && typeof code === 'string' && /^(?:ER|WARN)_|^\d+$/.test(code)
  endFailed(span, error, { statusCode: isServers ? String(errno) : undefined })
}

/** The statement of the pool's or the cluster's `query()` that asks for a connection at this moment. */
let statementOfPool: unknown

/** Keeps the caller's context while it waits for a connection, and tells of statements that get none. */
export function patchPool(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = exports
  patchAsking(prototype, 'query', 'execute')
  patchMethod(
    prototype,
    'getConnection',
    (original) =>
      function (callback) {
        const args = [...arguments]
        const statement = statementOfPool
        statementOfPool = undefined
        if (typeof callback !== 'function') return original.apply(this, args)
        const { connectionConfig } = this.config
        const inCaller = boundToCaller(callback)
        const caller = context.active()
        args[0] = function (this: unknown, ...answer: unknown[]) {
          // The query never reaches a connection that would tell of it.
          if (answer[0] && statement !== undefined)
            context.with(caller, () => fail(startMysqlStatement(connectionConfig, statement, tracer), answer[0]))
          return inCaller.apply(this, answer)
        }
        return original.apply(this, args)
      },
  )
  return exports
}

/** The methods of a pool or of a cluster that get a connection for one statement. */
export function patchAsking(prototype: object, ...names: readonly string[]): void {
  for (const name of names) {
    patchMethod(
      prototype,
      name,
      (original) =>
        function (sql) {
          statementOfPool = textOf(sql)
          try {
            return original.apply(this, arguments as never)
          } finally {
            statementOfPool = undefined
          }
        },
    )
  }
}
