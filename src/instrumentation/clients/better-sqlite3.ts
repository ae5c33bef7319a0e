import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { moduleOf } from '../operations/patch.ts'
import { type FactsOf, patchPreparing, patchRunning } from '../operations/prepared.ts'

const ofDatabase: FactsOf = ({ name }, [statement]) => ({ statement, namespace: name })
const ofStatement: FactsOf = ({ source, database }) => ({ statement: source, namespace: database?.name })

function patch(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = moduleOf(exports)
  const patched = new WeakSet<object>()
  patchRunning(prototype, ['exec'], ofDatabase, tracer)
  const onPrepared = (statement: object): void => {
    // The class of statements is native and is not exported.
    const ofStatements: object = Object.getPrototypeOf(statement)
    if (patched.has(ofStatements)) return
    patched.add(ofStatements)
    patchRunning(ofStatements, ['run', 'get', 'all', 'iterate'], ofStatement, tracer)
  }
  patchPreparing(prototype, ofDatabase, onPrepared, tracer)
  return exports
}

export const client: Client = {
  hooks: [{ packageName: 'better-sqlite3', versions: ['>=7.0.0'], patch }],
  operations: { requiresParentSpan: true },
}
