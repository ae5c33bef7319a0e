import type { Attributes, AttributeValue } from '@opentelemetry/api'
import { withoutCredentials } from '../../base/host.ts'
import { MAX_STATEMENT_CHARS } from '../../base/statement-limit.ts'

/** The known facts about one database operation. Semantic conventions, db/database-spans. */
export interface OperationFacts {
  /** `db.system.name`. */
  readonly system: string
  readonly namespace?: unknown
  readonly collection?: unknown
  readonly operation?: string | undefined
  readonly statement?: unknown
  readonly address?: unknown
  readonly port?: unknown
  readonly more?: Attributes
}

/** Names may come from the app, and some clients accept any value as a name. */
const MAX_NAME_CHARS = 1024

export function operationAttributes(facts: OperationFacts): Attributes {
  const attributes: Record<string, AttributeValue> = { 'db.system.name': facts.system }
  const { namespace, collection, operation, statement, address, port } = facts
  if (isText(namespace)) attributes['db.namespace'] = namespace.slice(0, MAX_NAME_CHARS)
  if (isText(collection)) attributes['db.collection.name'] = collection.slice(0, MAX_NAME_CHARS)
  if (operation !== undefined) attributes['db.operation.name'] = operation
  if (isText(statement)) attributes['db.query.text'] = statement.slice(0, MAX_STATEMENT_CHARS)
  if (isText(address)) attributes['server.address'] = withoutCredentials(address).slice(0, MAX_NAME_CHARS)
  const number = Number(port)
  if (Number.isInteger(number) && number > 0) attributes['server.port'] = number
  return Object.assign(attributes, facts.more)
}

/** Returns a name such as `SELECT shop`: the operation and its target, as far as they are known. */
export function spanNameOf({ system, namespace, collection, operation }: OperationFacts): string {
  const target = isText(collection) ? collection : isText(namespace) ? namespace : undefined
  if (operation === undefined) return target ?? system
  return target === undefined ? operation : `${operation} ${target}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
