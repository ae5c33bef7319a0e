import type { Attributes } from '@opentelemetry/api'

/** Clients tell the server their name on each connection, which one before 7.2 answers with an error that nobody sees. */
export function isSetInfo(_spanName: string, attributes: Attributes): boolean {
  return /^client setinfo\b/i.test(String(attributes['db.query.text'] ?? ''))
}

/** The prefix of an error, as `WRONGTYPE`. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
export function statusCodeOf({ message }: { readonly message?: unknown }): string | undefined {
  return /^([A-Z][A-Z0-9_]{1,31}) /.exec(typeof message === 'string' ? message : '')?.[1]
}
