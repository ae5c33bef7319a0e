import { context, type Span } from '@opentelemetry/api'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { fail, failUnsent, patchPool, startMysqlStatement, textOf } from '../operations/mysql-statements.ts'
import { overrideMethod, patchMethod } from '../operations/patch.ts'
import { mysqlPool } from '../pools/mysql-pool.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { foundBy } from '../pools/watch-method.ts'

/** Pools and clusters take a connection and pass the query they have created to its `query` method. */
function patchConnection(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    exports.prototype,
    'query',
    (original) =>
      function (sql) {
        const span = startMysqlStatement(this.config, textOf(sql), tracer)
        let query: any
        try {
          query = original.apply(this, arguments as never)
        } catch (thrown) {
          fail(span, thrown)
          throw thrown
        }
        followQuery(query, span)
        return query
      },
  )
  return exports
}

/** The callback and the listeners of a query run inside its own `end` and `emit`. */
function followQuery(query: any, span: Span): void {
  sent.add(query)
  const caller = context.active()
  const { end, emit } = query
  overrideMethod(query, 'end', function (this: any, ...args) {
    if (this._ended !== true) {
      if (args[0]) fail(span, args[0])
      else span.end()
    }
    return context.with(caller, end, this, ...args)
  })
  overrideMethod(query, 'emit', function (this: unknown, ...args) {
    return context.with(caller, emit, this, ...args)
  })
}

/** Queries that a connection has taken. */
const sent = new WeakSet<object>()

/**
 * The part of a cluster that `of()` returns. Its `query` gives the query to one pool after the other by calling itself with it: a
 * statement that none of them has a connection for is one that failed.
 */
function patchNamespace(exports: any, tracer: ClientTracer): unknown {
  const followed = new WeakSet<object>()
  patchMethod(
    exports.prototype,
    'query',
    (original) =>
      function (sql) {
        const query = original.apply(this, arguments as never)
        if (followed.has(query)) return query
        followed.add(query)
        const caller = context.active()
        const { end } = query
        overrideMethod(query, 'end', function (this: any, ...args) {
          if (this._ended !== true && args[0] && !sent.has(query))
            context.with(caller, failUnsent, undefined, args[0], textOf(sql), tracer)
          return context.with(caller, end, this, ...args)
        })
        return query
      },
  )
  return exports
}

const MYSQL: PoolReader = {
  packageName: 'mysql',
  files: ['mysql/lib/Pool.js'],
  create: foundBy((exports) => exports, 'getConnection'),
  read: mysqlPool,
}

const VERSIONS = ['>=2.0.0 <3']

export const client: Client = {
  hooks: [
    { packageName: 'mysql', versions: VERSIONS, files: ['mysql/lib/Connection.js'], patch: patchConnection },
    { packageName: 'mysql', versions: VERSIONS, files: ['mysql/lib/Pool.js'], patch: patchPool },
    {
      packageName: 'mysql',
      versions: VERSIONS,
      files: ['mysql/lib/PoolNamespace.js'],
      patch: patchNamespace,
    },
  ],
  options: { enhancedDatabaseReporting: 'gone' },
  operations: {},
  pools: [MYSQL],
}
