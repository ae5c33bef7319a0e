import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from './attributes.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { patchAsking, patchGettingConnection } from './pool-statements.ts'
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

/** Keeps the caller's context while it waits for a connection, and tells of statements that get none. */
export function patchPool(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = exports
  patchAsking(prototype, textOf, 'query', 'execute')
  patchGettingConnection(prototype, 'getConnection', (error, statement, pool) =>
    fail(startMysqlStatement(pool.config.connectionConfig, statement, tracer), error),
  )
  return exports
}
