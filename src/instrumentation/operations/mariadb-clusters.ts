import type { ClientTracer } from './client-tracer.ts'
import { boundToCaller } from './caller.ts'
import { connectionAt, once, poolAt } from './mariadb-connections.ts'
import { failMariadb, type MariadbServer, serverOfOptions, startMariadb, mariadbTextOf } from './mariadb-servers.ts'
import { patchMethod } from './patch.ts'
import { patchAsking, patchGettingConnection } from './pool-statements.ts'

/** The servers of a cluster with callbacks, which does not show its pools. */
const serversOf = new WeakMap<object, MariadbServer[]>()

/** Patches a cluster and the parts of it that `of()` returns. */
export function patchedCluster(cluster: any, tracer: ClientTracer): unknown {
  once(Object.getPrototypeOf(cluster), (prototype) => {
    patchMethod(
      prototype,
      '_createPool',
      (original) =>
        function (options) {
          return poolAt(original.apply(this, arguments as never), serverOfOptions(options?.connOptions), tracer)
        },
    )
    patchMethod(
      prototype,
      'add',
      (original) =>
        function () {
          const result = original.apply(this, arguments as never)
          const servers = serversOf.get(this) ?? []
          serversOf.set(this, [...servers, serverOfOptions(Array.from(arguments).at(-1))])
          return result
        },
    )
    patchConnections(prototype, (self) => serversOf.get(self), tracer)
    // A part of a cluster with promises asks the cluster for its connections, and one with callbacks itself.
    patchGettingConnection(prototype, 'getConnection', refused(tracer))
    patchMethod(
      prototype,
      'of',
      (original) =>
        function () {
          const part = original.apply(this, arguments as never)
          serversOf.set(part, serversOf.get(this) ?? [])
          once(Object.getPrototypeOf(part), (partPrototype) => {
            patchAsking(partPrototype, mariadbTextOf, 'query', 'execute', 'batch')
            patchConnections(partPrototype, (self) => serversOf.get(self), tracer)
            patchGettingConnection(partPrototype, 'getConnection', refused(tracer))
          })
          return part
        },
    )
  })
  return cluster
}

const refused =
  (tracer: ClientTracer) =>
  (error: unknown, statement: unknown): void => {
    if (statement !== undefined) failMariadb(startMariadb({ system: 'mariadb', statement }, tracer), error)
  }

/** Instruments the connections that a cluster gives to callbacks. Those of promises come from a patched pool. */
function patchConnections(
  prototype: object,
  serversAt: (self: object) => readonly MariadbServer[] | undefined,
  tracer: ClientTracer,
): void {
  patchMethod(
    prototype,
    'getConnection',
    (original) =>
      function () {
        const args = [...arguments]
        const at = args.findIndex((each) => typeof each === 'function')
        if (at === -1) return original.apply(this, args)
        const inCaller = boundToCaller(args[at])
        const servers = serversAt(this) ?? []
        args[at] = (error: unknown, connection: any, ...more: unknown[]) =>
          inCaller(error, error ? connection : connectionAt(connection, serverOf(connection, servers), tracer), ...more)
        return original.apply(this, args)
      },
  )
}

function serverOf(connection: any, servers: readonly MariadbServer[]): MariadbServer {
  const { port, database } = connection.info ?? {}
  const possible = servers.filter((server) => Number(server.port) === port && server.namespace === database)
  return possible.length === 1 || servers.length === 1
    ? (possible[0] ?? servers[0] ?? {})
    : { port, namespace: database }
}
