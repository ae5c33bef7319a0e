import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { type FactsOf, patchPreparing, patchRunning } from '../operations/prepared.ts'

const ofDatabase: FactsOf = (_, [statement]) => ({ statement })

function patch(exports: any, tracer: ClientTracer): unknown {
  patchRunning(exports.DatabaseSync.prototype, ['exec'], ofDatabase, tracer)
  patchPreparing(exports.DatabaseSync.prototype, ofDatabase, () => {}, tracer)
  patchRunning(
    exports.StatementSync.prototype,
    ['run', 'get', 'all', 'iterate'],
    ({ sourceSQL }) => ({ statement: sourceSQL }),
    tracer,
  )
  return exports
}

/** The built-in module `node:sqlite`. */
export const client: Client = {
  hooks: [{ packageName: 'sqlite', versions: ['*'], patch }],
  operations: { requiresParentSpan: true },
}
