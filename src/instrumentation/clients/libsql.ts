import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from '../operations/attributes.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { Outermost, patchOutermost } from '../operations/outermost.ts'
import { likeOriginal, moduleOf, patchMethod } from '../operations/patch.ts'
import { type FactsOf, patchPreparing, patchRunning } from '../operations/prepared.ts'
import { verbOf } from '../operations/verb.ts'

/**
 * `libsql` has the API of better-sqlite3. `@libsql/client` uses it for files, and talks to servers over protocols of
 * its own.
 */

const texts = new WeakMap<object, unknown>()

const ofDatabase: FactsOf = (_, [statement]) => ({ statement })

function patchEmbedded(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = moduleOf(exports)
  const patched = new WeakSet<object>()
  patchRunning(prototype, ['exec'], ofDatabase, tracer)
  const onPrepared = (statement: object, [sql]: readonly unknown[]): void => {
    texts.set(statement, sql)
    const ofStatements: object = Object.getPrototypeOf(statement)
    if (patched.has(ofStatements)) return
    patched.add(ofStatements)
    patchRunning(ofStatements, ['run', 'get', 'all', 'iterate'], (self) => ({ statement: texts.get(self) }), tracer)
  }
  patchPreparing(prototype, ofDatabase, onPrepared, tracer)
  return exports
}

type Place = Pick<OperationFacts, 'address' | 'port'>

/** The server or file of each client and transaction. */
const places = new WeakMap<object, Place>()

/**
 * Patches a module of `@libsql/client` that talks to a server over HTTP or a WebSocket. The package's main module calls
 * its `_createClient`.
 */
function patchRemote(exports: any, tracer: ClientTracer): unknown {
  for (const name of ['createClient', '_createClient']) {
    exports[name] = likeOriginal(
      exports[name],
      (original) =>
        function (config) {
          const made = original.apply(this, arguments as never)
          places.set(made, placeOf(config))
          return made
        },
    )
  }
  const { prototype } = exports.HttpClient ?? exports.WsClient
  patchOperations(prototype, tracer)
  patchMethod(
    prototype,
    'transaction',
    (original) =>
      function () {
        const place = places.get(this)
        return original.apply(this, arguments as never).then((transaction: object) => {
          if (place !== undefined) places.set(transaction, place)
          return transaction
        })
      },
  )
  return exports
}

function patchTransaction(exports: any, tracer: ClientTracer): unknown {
  const { HranaTransaction } = exports
  patchOperations(HranaTransaction.prototype, tracer)
  for (const name of ['commit', 'rollback'] as const)
    patchCall(HranaTransaction.prototype, name, () => [name.toUpperCase()], tracer)
  return exports
}

function patchOperations(prototype: object, tracer: ClientTracer): void {
  patchCall(prototype, 'execute', (statement) => [statement], tracer)
  patchCall(prototype, 'executeMultiple', (statement) => [statement], tracer)
  for (const name of ['batch', 'migrate'])
    patchCall(prototype, name, (statements) => (Array.isArray(statements) ? statements : []), tracer)
}

/** Accepts a configuration as the app passes it, or as the package has parsed it. */
function placeOf(config: any): Place {
  const { url, authority, scheme } = Object(config)
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  const port = authority?.port ?? parsed?.port
  const isPlain = /^(?:http|ws):?$/.test(scheme ?? parsed?.protocol ?? '')
  return { address: authority?.host ?? parsed?.hostname, port: port || (isPlain ? 80 : 443) }
}

/** `execute` of a transaction calls `batch`. */
const outermost = new Outermost()

function patchCall(
  prototype: object,
  name: string,
  statementsOf: (given: unknown) => readonly unknown[],
  tracer: ClientTracer,
): void {
  patchOutermost(
    outermost,
    prototype,
    name,
    (self, [given]) => start(statementsOf(given).map(textOf), places.get(self), tracer),
    fail,
  )
}

function start(statements: readonly unknown[], place: Place | undefined, tracer: ClientTracer): Span {
  const verbs = new Set(statements.map(verbOf))
  const [verb] = verbs.size === 1 ? verbs : [undefined]
  const size = statements.length
  const facts: OperationFacts = {
    system: 'sqlite',
    operation: size > 1 ? ['BATCH', verb].filter((word) => word !== undefined).join(' ') : verb,
    statement: statements.slice(0, 64).join('; '),
    ...place,
    ...(size > 1 && { more: { 'db.operation.batch.size': size } }),
  }
  return tracer.start(spanNameOf(facts), operationAttributes(facts))
}

function textOf(statement: any): unknown {
  if (typeof statement === 'string') return statement
  return Array.isArray(statement) ? statement[0] : statement?.sql
}

function fail(span: Span, error: any): void {
  const { code, extendedCode } = Object(error)
  const sqliteCode = extendedCode ?? code
  endFailed(span, error, {
    statusCode: typeof sqliteCode === 'string' && sqliteCode.startsWith('SQLITE_') ? sqliteCode : undefined,
  })
}

const VERSIONS = ['>=0.4.0 <1']

export const client: Client = {
  hooks: [
    { packageName: 'libsql', versions: ['>=0.1.0 <1'], patch: patchEmbedded },
    {
      packageName: '@libsql/client',
      versions: VERSIONS,
      files: ['http', 'ws'].flatMap((file) =>
        ['cjs', 'esm'].map((format) => `@libsql/client/lib-${format}/${file}.js`),
      ),
      patch: patchRemote,
    },
    {
      packageName: '@libsql/client',
      versions: VERSIONS,
      files: ['@libsql/client/lib-cjs/hrana.js', '@libsql/client/lib-esm/hrana.js'],
      patch: patchTransaction,
    },
  ],
  operations: { requiresParentSpan: true },
}
