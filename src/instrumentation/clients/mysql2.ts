import { context, type Span } from '@opentelemetry/api'
import { operationAttributes } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import {
  fail,
  factsOf,
  patchPool,
  patchStatements,
  startMysqlStatement,
  textOf,
} from '../operations/mysql-statements.ts'
import { overrideMethod, patchMethod } from '../operations/patch.ts'
import { withTraceComment } from '../operations/sql-commenter.ts'
import { mysqlPool } from '../pools/mysql-pool.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { foundBy } from '../pools/watch-method.ts'

/**
 * mysql2 publishes diagnostics channels, but not for prepared statements that are executed again, nor for commands that
 * fail with a lost connection. In all versions, every command passes through `addCommand`.
 */

/**
 * The `connection.query()` or `execute()` call that is running, with its statement as the app wrote it, without values.
 */
interface StatementCall {
  readonly statement: unknown
  /** Set when the call has become a command, which then records how it ends. */
  isSent: boolean
  /** Set when the statement could not be prepared; the command itself then ends without an error. */
  prepareError?: unknown
}

let asked: StatementCall | undefined
/** The operations of each connection that are not answered yet. */
const open = new WeakMap<object, Set<Operation>>()

class Operation {
  readonly span: Span
  readonly #open: Set<Operation>

  constructor(span: Span, connection: object) {
    this.span = span
    let all = open.get(connection)
    if (all === undefined) open.set(connection, (all = new Set()))
    this.#open = all
    all.add(this)
  }

  end(error: unknown): void {
    if (!this.#open.delete(this)) return
    if (error) fail(this.span, error)
    else this.span.end()
  }
}

function patchConnection(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = exports
  for (const name of ['query', 'execute']) {
    patchMethod(
      prototype,
      name,
      (original) =>
        function (sql) {
          const outer = asked
          const own: StatementCall = (asked = { statement: textOf(sql), isSent: false })
          try {
            return original.apply(this, arguments as never)
          } catch (thrown) {
            // A value that cannot be sent, such as `undefined` for a parameter of `execute()`.
            if (!own.isSent) fail(startMysqlStatement(this.config, own.statement, tracer), thrown)
            throw thrown
          } finally {
            asked = outer
          }
        },
    )
  }
  for (const name of ['addCommand', '_addCommandClosedState']) {
    patchMethod(
      prototype,
      name,
      (original) =>
        function (command) {
          observe(this, command, tracer)
          return original.apply(this, arguments as never)
        },
    )
  }
  patchMethod(
    prototype,
    '_notifyError',
    (original) =>
      function (error) {
        const isRefused = this._command?.constructor?.name === 'ClientHandshake'
        if (isRefused) fail(tracer.start('mysql.connect', operationAttributes(factsOf(this.config))), error)
        const result = original.apply(this, arguments as never)
        for (const operation of open.get(this) ?? []) operation.end(error)
        return result
      },
  )
  return exports
}

function observe(connection: any, command: any, tracer: ClientTracer): void {
  const kind = command?.constructor?.name
  if (kind === 'Prepare') return onPrepareError(command, preparing(connection, command, tracer))
  if (kind !== 'Query' && kind !== 'Execute') return
  const about: StatementCall = asked ?? { statement: textOf(command.sql ?? command.statement?.query), isSent: true }
  about.isSent = true
  const span = startMysqlStatement(connection.config, about.statement, tracer)
  if (kind === 'Query' && tracer.options['addSqlCommenterCommentToQueries'] === true)
    command.sql = withTraceComment(span, command.sql)
  const operation = new Operation(span, connection)
  const { onResult } = command
  if (typeof onResult === 'function') {
    const inCaller = boundToCaller(onResult)
    command.onResult = function (this: unknown, ...args: unknown[]) {
      operation.end(args[0])
      return inCaller.apply(this, args)
    }
  }
  const caller = context.active()
  const { emit } = command
  overrideMethod(command, 'emit', function (this: unknown, ...args) {
    if (args[0] === 'error') operation.end(args[1])
    else if (args[0] === 'end') operation.end(about.prepareError)
    return context.with(caller, emit, this, ...args)
  })
}

/** Handles an error of `PREPARE`, which `execute()` sends first, and `prepare()` sends alone. */
function preparing(connection: any, { query }: any, tracer: ClientTracer): (error: unknown) => void {
  const about = asked
  if (about === undefined) return (error) => fail(startMysqlStatement(connection.config, query, tracer), error)
  return (error) => {
    about.prepareError = error
  }
}

function onPrepareError(prepare: any, failed: (error: unknown) => void): void {
  const { onResult } = prepare
  if (typeof onResult !== 'function') return
  const inCaller = boundToCaller(onResult)
  const caller = context.active()
  prepare.onResult = function (this: unknown, ...args: unknown[]) {
    if (args[0]) context.with(caller, failed, undefined, args[0])
    return inCaller.apply(this, args)
  }
}

/** The class of what `of()` returns is not exported. In old versions it has no methods for statements. */
function patchCluster(exports: any, tracer: ClientTracer): unknown {
  let isPatched = false
  patchMethod(
    exports.prototype,
    'of',
    (original) =>
      function () {
        const namespace = original.apply(this, arguments as never)
        if (!isPatched) patchStatements(Object.getPrototypeOf(namespace), tracer)
        isPatched = true
        return namespace
      },
  )
  return exports
}

const POOL: PoolReader = {
  packageName: 'mysql2',
  // Since 3.11, pools are defined in the first file.
  files: ['mysql2/lib/base/pool.js', 'mysql2/lib/pool.js'],
  create: foundBy((exports) => exports, 'getConnection'),
  read: mysqlPool,
}

const VERSIONS = ['>=1.4.2 <4']

export const client: Client = {
  hooks: [
    {
      packageName: 'mysql2',
      versions: VERSIONS,
      files: ['mysql2/lib/base/connection.js', 'mysql2/lib/connection.js'],
      patch: patchConnection,
    },
    {
      packageName: 'mysql2',
      versions: VERSIONS,
      files: ['mysql2/lib/base/pool.js', 'mysql2/lib/pool.js'],
      patch: patchPool,
    },
    { packageName: 'mysql2', versions: VERSIONS, files: ['mysql2/lib/pool_cluster.js'], patch: patchCluster },
  ],
  options: {
    addSqlCommenterCommentToQueries: 'boolean',
    maskStatement: 'gone',
    maskStatementHook: 'gone',
    responseHook: 'gone',
  },
  operations: { unmeasuredSpans: new Set(['mysql.connect']) },
  pools: [POOL],
}
