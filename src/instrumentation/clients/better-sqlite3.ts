import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { moduleOf, patchMethod } from '../operations/patch.ts'
import { patchRunning } from '../operations/prepared.ts'

function patch(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = moduleOf(exports)
  const patched = new WeakSet<object>()
  patchRunning(prototype, ['exec'], ({ name }, [statement]) => ({ statement, namespace: name }), tracer)
  patchMethod(
    prototype,
    'prepare',
    (original) =>
      function () {
        const statement = original.apply(this, arguments as never)
        // The class of statements is native and nowhere exported.
        const ofStatements: object = Object.getPrototypeOf(statement)
        if (!patched.has(ofStatements)) {
          patched.add(ofStatements)
          patchRunning(
            ofStatements,
            ['run', 'get', 'all', 'iterate'],
            ({ source, database }) => ({ statement: source, namespace: database?.name }),
            tracer,
          )
        }
        return statement
      },
  )
  return exports
}

export const client: Client = {
  hooks: [{ packageName: 'better-sqlite3', versions: ['>=7.0.0'], patch }],
  operations: { requiresParentSpan: true },
}
