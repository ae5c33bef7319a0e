import type { Span } from '@opentelemetry/api'
import { operationAttributes, spanNameOf } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { patchMethod } from '../operations/patch.ts'
import { verbOf } from '../operations/verb.ts'

/** By query: its span, from the moment when somebody waits for the query. Until then it is not sent. */
const spans = new WeakMap<object, Span>()

/** What the client asks for on a new connection of its own accord. */
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

/** A cursor puts other functions in the place of these two for each of its steps: whichever is there is followed. */
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

/** The template as it is sent; parts that are no values are known once the client has put it together. */
function textOf(strings: readonly string[]): string {
  return strings.reduce((text, part, index) => (index === 0 ? part : `${text}$${index}${part}`), '')
}

function tellStatement(query: any, span: Span): void {
  const sent: unknown = query.statement?.string
  if (typeof sent === 'string') span.setAttributes(operationAttributes({ system: 'postgresql', statement: sent }))
}

/** Tells a query's span of the server when a connection takes it. */
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
