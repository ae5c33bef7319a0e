import { operationAttributes } from '../operations/attributes.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { patchedCluster } from '../operations/mariadb-clusters.ts'
import { connectionAt, poolAt } from '../operations/mariadb-connections.ts'
import { failMariadb, serverOfOptions, mariadbServers } from '../operations/mariadb-servers.ts'
import { likeOriginal } from '../operations/patch.ts'
import { placeOf } from '../pools/place.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

/**
 * Since 3.5, the CommonJS build is one file that exports only functions, so classes are found through the objects that
 * these return. Only the library's public interface and its clusters are patched.
 */

function patch(exports: any, tracer: ClientTracer): unknown {
  for (const members of new Set([exports, exports.default ?? exports])) {
    members.createConnection = likeOriginal(
      members.createConnection,
      (original) =>
        function (options) {
          const place = serverOfOptions(options)
          const made = original.apply(this, arguments as never)
          if (typeof made?.then !== 'function') return connectionAt(made, place, tracer)
          return made.then(
            (connection: object) => connectionAt(connection, place, tracer),
            (error: unknown) => {
              failMariadb(tracer.start('mariadb.connect', operationAttributes({ system: 'mariadb', ...place })), error)
              throw error
            },
          )
        },
    )
    members.createPool = likeOriginal(
      members.createPool,
      (original) =>
        function (options) {
          return poolAt(original.apply(this, arguments as never), serverOfOptions(options), tracer)
        },
    )
    members.createPoolCluster = likeOriginal(
      members.createPoolCluster,
      (original) =>
        function () {
          return patchedCluster(original.apply(this, arguments as never), tracer)
        },
    )
  }
  return exports
}

const POOL: PoolReader = {
  packageName: 'mariadb',
  files: [],
  create(exports, found) {
    for (const members of new Set([exports, exports.default ?? exports])) {
      members.createPool = likeOriginal(
        members.createPool,
        (original) =>
          function () {
            const pool = original.apply(this, arguments as never)
            found(pool)
            return pool
          },
      )
    }
    return exports
  },
  read(pool) {
    if (pool.closed === true) return undefined
    const { address, port, namespace } = mariadbServers.get(pool) ?? {}
    return {
      name: placeOf(address, port, namespace) || 'mariadb',
      used: pool.activeConnections(),
      idle: pool.idleConnections(),
      pending: pool.taskQueueSize(),
    }
  },
}

const VERSIONS = ['>=3.0.0 <4']

export const client: Client = {
  hooks: [
    { packageName: 'mariadb', versions: VERSIONS, patch },
    {
      packageName: 'mariadb',
      versions: VERSIONS,
      files: ['mariadb/callback.js', 'mariadb/dist/callback.cjs'],
      patch,
    },
  ],
  operations: { unmeasuredSpans: new Set(['mariadb.connect']) },
  pools: [POOL],
}
