import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from './attributes.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { patchAsking, patchGettingConnection } from './pool-statements.ts'
import { verbOf } from './verb.ts'

/** Code shared by mysql and mysql2, which has the same interfaces. */

/** Starts the span of one statement. `statement` is as the app wrote it, without values. */
export function startMysqlStatement(config: unknown, statement: unknown, tracer: ClientTracer): Span {
  const facts = { ...factsOf(config), operation: verbOf(statement), statement }
  return tracer.start(spanNameOf(facts), operationAttributes(facts))
}

/** `config` is the configuration of a connection. */
export function factsOf(config: any): OperationFacts {
  const { host, port, database, socketPath } = config ?? {}
  return {
    system: 'mysql',
    namespace: database,
    address: socketPath ?? host,
    port: socketPath === undefined ? port : undefined,
  }
}

/** Returns the text of a statement, given as text, as options or as a command. */
export function textOf(sql: any): unknown {
  return typeof sql === 'object' && sql !== null ? sql.sql : sql
}

export function fail(span: Span, error: any): void {
  const { errno, code } = Object(error)
  const isServers =
    typeof errno === 'number' && errno > 0 && typeof code === 'string' && /^(?:ER|WARN)_|^\d+$/.test(code)
  endFailed(span, error, { statusCode: isServers ? String(errno) : undefined })
}

/**
 * Binds callbacks that wait for a connection to the caller's context, and records statements that get no connection.
 */
export function patchPool(exports: any, tracer: ClientTracer): unknown {
  patchStatements(exports.prototype, tracer)
  return exports
}

/**
 * Patches a pool, or the part of a cluster that `of()` returns, whose pools then record nothing: it tries one after the
 * other.
 */
export function patchStatements(prototype: object, tracer: ClientTracer): void {
  patchAsking(prototype, textOf, 'query', 'execute')
  patchGettingConnection(prototype, 'getConnection', (error, statement, { config }) => {
    if (config !== undefined) configs.set(Object(error), config.connectionConfig)
    if (statement !== undefined) failUnsent(error, statement, tracer)
  })
}

/** The configuration of the pool that gave an error. */
const configs = new WeakMap<object, unknown>()

/** Records a statement that got no connection. */
export function failUnsent(error: unknown, statement: unknown, tracer: ClientTracer): void {
  fail(startMysqlStatement(configs.get(Object(error)), statement, tracer), error)
}
