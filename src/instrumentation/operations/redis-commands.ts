import type { Span } from '@opentelemetry/api'
import { redisText } from '../../privacy/redis.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'

/** `db.query.text`; the option `dbStatementSerializer` is a function where an app constructs the instrumentation itself. */
export function statementOf(name: string, args: readonly unknown[], { options }: ClientTracer): string {
  const { dbStatementSerializer: write } = options
  return String(typeof write === 'function' ? write(name, args) : redisText(name, args))
}

/**
 * Clients tell the server their name on each connection, which a server before 7.2 answers with an error that nobody sees. `text` is the
 * whole command.
 */
export function isSetInfo(text: string): boolean {
  return /^client setinfo\b/i.test(text)
}

/** The prefix of an error, as `WRONGTYPE`. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
export function statusCodeOf({ message }: { readonly message?: unknown }): string | undefined {
  return /^([A-Z][A-Z0-9_]{1,31}) /.exec(typeof message === 'string' ? message : '')?.[1]
}

/** Ends the span of a command that failed. The classes of node-redis have names that their errors do not say. */
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
