import type { Attributes } from '@opentelemetry/api'
import type { ClientOperations } from './client.ts'
import { verbOf } from './verb.ts'

/** Some clients let the app name a command. Text that does not look like a name does not become a label. */
const NAME = /^[A-Za-z][\w .:-]{0,63}$/

export function operationNameOf(
  { operationOf }: ClientOperations,
  spanName: string,
  attributes: Attributes,
): string | undefined {
  const name = attributes['db.operation.name'] ?? operationOf?.(spanName)
  if (typeof name === 'string') return NAME.test(name) ? name : '_OTHER'
  return verbOf(attributes['db.query.text'])
}
