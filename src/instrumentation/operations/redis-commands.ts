import type { Span } from '@opentelemetry/api'
import { redisText } from '../../privacy/redis-sanitizer.ts'
import { operationAttributes, type OperationFacts } from './attributes.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'

/**
 * Returns `db.query.text`. The option `dbStatementSerializer` can be a function if the app constructs the
 * instrumentation itself.
 */
export function statementOf(name: string, args: readonly unknown[], { options }: ClientTracer): string {
  const { dbStatementSerializer: write } = options
  return String(typeof write === 'function' ? write(name, args) : redisText(name, args))
}

/**
 * Clients send `CLIENT SETINFO` on each connection. Servers before 7.2 answer with an error, which the client ignores.
 * `text` is the whole command.
 */
export function isSetInfo(text: string): boolean {
  return /^client setinfo\b/i.test(text)
}

/**
 * Returns the prefix of an error, such as `WRONGTYPE`.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
export function statusCodeOf({ message }: { readonly message?: unknown }): string | undefined {
  return /^([A-Z][A-Z0-9_]{1,31}) /.exec(typeof message === 'string' ? message : '')?.[1]
}

/** Ends the span of a command that failed. The `name` of node-redis's errors is not that of their class. */
export function failRedis(span: Span, error: unknown): void {
  const { code, name, constructor } = Object(error) as {
    code?: unknown
    name?: unknown
    constructor?: { name?: unknown }
  }
  const isPlain = code === undefined && name === 'Error' && typeof constructor?.name === 'string'
  endFailed(span, error, {
    type: isPlain ? String(constructor.name) : undefined,
    statusCode: statusCodeOf(Object(error) as { message?: unknown }),
  })
}

/** The part of a client of node-redis that contains its server. */
export interface CalledClient {
  readonly options?: any
}

/**
 * `database` is the one that `SELECT` has chosen on the connection. A command that no client was found for has no known
 * server.
 */
export function redisFactsOf(client: CalledClient | undefined, database?: string): OperationFacts {
  if (client === undefined) return { system: 'redis' }
  const { socket, database: configured } = client.options ?? {}
  return {
    system: 'redis',
    namespace: database ?? String(configured ?? 0),
    address: socket?.path ?? socket?.host ?? 'localhost',
    port: socket?.path === undefined ? (socket?.port ?? 6379) : undefined,
  }
}

/** Starts the span of one command of node-redis. `batch` is `MULTI` or `PIPELINE` if it is sent with others. */
export function startCommand(
  client: CalledClient | undefined,
  name: string,
  statement: string,
  tracer: ClientTracer,
  batch?: string,
  database?: string,
): Span {
  const operation = batch === undefined ? name : `${batch} ${name}`
  return tracer.start(name, operationAttributes({ ...redisFactsOf(client, database), operation, statement }))
}

/** Records commands that were never sent. Each has its name and its arguments. */
export function failCommands(
  client: CalledClient | undefined,
  commands: readonly any[],
  error: unknown,
  tracer: ClientTracer,
  batch?: string,
): void {
  for (const [name, ...args] of commands) {
    const text = String(name)
    failRedis(startCommand(client, text, statementOf(text, args, tracer), tracer, batch), error)
  }
}
