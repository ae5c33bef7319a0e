import type { Span } from '@opentelemetry/api'
import { operationAttributes, spanNameOf } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { patchMethod } from '../operations/patch.ts'
import { verbOf } from '../operations/verb.ts'

/** The span of each query, started when something awaits the query; until then it is not sent. */
const spans = new WeakMap<object, Span>()

/** A query that the client itself sends on each new connection. */
const TYPES_OF_ARRAYS = /^\s*select b\.oid, b\.typarray/

function patchQuery(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    exports.Query.prototype,
    'handle',
    (original) =>
      function () {
        if (this.executed !== true && !TYPES_OF_ARRAYS.test(String(this.strings?.[0] ?? ''))) start(this, tracer)
        return original.apply(this, arguments as never)
      },
  )
  return exports
}

function start(query: any, tracer: ClientTracer): void {
  const statement = textOf(query.strings ?? [])
  const facts = { system: 'postgresql', operation: verbOf(statement), statement }
  const span = tracer.start(spanNameOf(facts), operationAttributes(facts))
  spans.set(query, span)
  settledWith(query, 'resolve', () => {
    tellStatement(query, span)
    span.end()
  })
  settledWith(query, 'reject', (error) => {
    tellStatement(query, span)
    const { code, severity } = Object(error)
    endFailed(span, error, { statusCode: severity === undefined ? undefined : String(code) })
  })
  for (const name of ['forEachFn', 'cursorFn']) if (name in query) query[name] = boundToCaller(query[name])
}

/**
 * Follows a query's `resolve` or `reject`. A cursor replaces these two functions at each step; each replacement is
 * followed as well.
 */
function settledWith(query: any, name: string, end: (value: unknown) => void): void {
  let settle = query[name]
  const settled = (value: unknown): unknown => {
    end(value)
    return settle(value)
  }
  Object.defineProperty(query, name, {
    configurable: true,
    enumerable: true,
    get: () => settled,
    set: (other) => {
      settle = other
    },
  })
}

/**
 * Returns the statement as it is sent. Which parts of the template are not values is known only once the client has
 * assembled it.
 */
function textOf(strings: readonly string[]): string {
  return strings.reduce((text, part, index) => (index === 0 ? part : `${text}$${index}${part}`), '')
}

function tellStatement(query: any, span: Span): void {
  const sent: unknown = query.statement?.string
  if (typeof sent === 'string') span.setAttributes(operationAttributes({ system: 'postgresql', statement: sent }))
}

/** Adds the server to a query's span when a connection takes the query. */
function patchConnection(exports: any): unknown {
  const makeConnection = exports.default ?? exports
  const watching = function (this: unknown, options: any, ...rest: unknown[]): unknown {
    const connection = makeConnection.call(this, options, ...rest)
    for (const name of ['connect', 'execute']) {
      patchMethod(
        connection,
        name,
        (original) =>
          function (query) {
            tellServer(query, options)
            return original.apply(this, arguments as never)
          },
      )
    }
    return connection
  }
  if (exports.default === undefined) return Object.assign(watching, exports)
  exports.default = watching
  return exports
}

function tellServer(query: any, { host, port, database, path }: any): void {
  const span = typeof query === 'object' && query !== null ? spans.get(query) : undefined
  if (span === undefined) return
  const facts = {
    system: 'postgresql',
    namespace: database,
    operation: verbOf(textOf(query.strings ?? [])),
    address: path || (Array.isArray(host) ? host[0] : host),
    port: Array.isArray(port) ? port[0] : port,
  }
  span.setAttributes(operationAttributes(facts))
  span.updateName(spanNameOf(facts))
}

const VERSIONS = ['>=3.0.0 <4']

export const client: Client = {
  hooks: [
    {
      packageName: 'postgres',
      versions: VERSIONS,
      files: ['postgres/src/query.js', 'postgres/cjs/src/query.js'],
      patch: patchQuery,
    },
    {
      packageName: 'postgres',
      versions: VERSIONS,
      files: ['postgres/src/connection.js', 'postgres/cjs/src/connection.js'],
      patch: patchConnection,
    },
  ],
  operations: {},
}
