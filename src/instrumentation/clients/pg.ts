import { context, type Attributes, type Span, trace } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from '../operations/attributes.ts'
import { boundToCaller } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { moduleOf, overrideMethod, patchMethod } from '../operations/patch.ts'
import { patchAsking, patchGettingConnection } from '../operations/pool-statements.ts'
import { withTraceComment } from '../operations/sql-commenter.ts'
import { verbOf } from '../operations/verb.ts'
import { placeOf } from '../pools/place.ts'
import type { PoolReader } from '../pools/pool-reader.ts'
import { foundBy } from '../pools/watch-method.ts'

/** The server of a connection that could not be opened, by the error that was reported. */
const placesOfErrors = new WeakMap<object, OperationFacts>()
/** The server of each pool, which is kept after the pool has closed its connections. */
const placesOfPools = new WeakMap<object, OperationFacts>()

function patchClient(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = moduleOf(exports)
  patchMethod(
    prototype,
    'query',
    (original) =>
      function (config, values, callback) {
        const args = [...arguments]
        if (config === null || config === undefined) return original.apply(this, args)
        if (typeof config.submit === 'function') return submitted(this, config, () => original.apply(this, args))
        const span = startQuery(this, typeof config === 'string' ? config : config.text, tracer)
        addParameters(span, config, values, tracer)
        if (tracer.options['addSqlCommenterCommentToQueries'] === true) args[0] = withComment(config, span)
        const at = [callback, values].findIndex((each) => typeof each === 'function')
        const asked = at === -1 ? config.callback : args[2 - at]
        if (typeof asked === 'function') {
          const called = calledBack(asked, span)
          // The app's own object must not be changed.
          if (at === -1) args[0] = Object.create(args[0], { callback: { value: called, writable: true } })
          else args[2 - at] = called
        }
        return settled(span, () => original.apply(this, args), typeof asked !== 'function')
      },
  )
  patchMethod(
    prototype,
    'connect',
    (original) =>
      function (callback) {
        const facts = factsOf(this)
        const rememberPlace = (error: any): void => {
          if (typeof error === 'object' && error !== null) placesOfErrors.set(error, facts)
        }
        if (tracer.options['ignoreConnectSpans'] === true) return original.apply(this, arguments as never)
        const span = tracer.start('pg.connect', operationAttributes(facts))
        const args = [...arguments]
        if (typeof callback === 'function') args[0] = calledBack(callback, span, rememberPlace)
        return context.with(trace.setSpan(context.active(), span), () =>
          settled(span, () => original.apply(this, args), typeof callback !== 'function', rememberPlace),
        )
      },
  )
  return exports

  /**
   * Handles a cursor, a stream, `COPY` or `new Query()`: an object of the app that pg passes the server's responses to.
   */
  function submitted(connection: any, query: any, submit: () => unknown): unknown {
    const span = startQuery(connection, query.text ?? query.cursor?.text, tracer)
    let isEnded = false
    const answers = (name: string, end: (error: unknown) => void): void => {
      const handle = query[name]
      if (typeof handle !== 'function') return
      const inCaller = boundToCaller(handle)
      overrideMethod(query, name, function (this: unknown, ...args: unknown[]) {
        if (!isEnded) {
          isEnded = true
          end(args[0])
        }
        return inCaller.apply(this, args)
      })
    }
    answers('handleError', (error) => fail(span, error))
    answers('handleReadyForQuery', () => span.end())
    if (typeof query.callback === 'function') query.callback = boundToCaller(query.callback)
    return submit()
  }
}

function startQuery(connection: any, text: unknown, tracer: ClientTracer): Span {
  const facts = { ...factsOf(connection), operation: verbOf(text), statement: text }
  return tracer.start(spanNameOf(facts), operationAttributes(facts))
}

function factsOf({ connectionParameters, database, host, port }: any): OperationFacts {
  const known = connectionParameters ?? { database, host, port }
  return { system: 'postgresql', namespace: known.database, address: known.host, port: known.port }
}

/** SQLSTATE, which the conventions use as `db.response.status_code`. */
const SQLSTATE = /^[0-9A-Z]{5}$/

function fail(span: Span, error: any): void {
  const code: unknown = error?.code
  endFailed(span, error, { statusCode: typeof code === 'string' && SQLSTATE.test(code) ? code : undefined })
}

type Callback = (...args: any[]) => unknown

function calledBack(callback: Callback, span: Span, onError?: (error: unknown) => void): Callback {
  const inCaller = boundToCaller(callback)
  return function (this: unknown, ...args) {
    if (args[0]) {
      onError?.(args[0])
      fail(span, args[0])
    } else span.end()
    return inCaller.apply(this, args)
  }
}

/**
 * Follows a call to its end. With `isPromised` there is no callback and the return value is a promise of the result.
 */
function settled(span: Span, start: () => any, isPromised: boolean, onError?: (error: unknown) => void): unknown {
  let result: any
  try {
    result = start()
  } catch (thrown) {
    fail(span, thrown)
    throw thrown
  }
  if (!isPromised || typeof result?.then !== 'function') return result
  return result.then(
    (value: unknown) => {
      span.end()
      return value
    },
    (error: unknown) => {
      onError?.(error)
      fail(span, error)
      throw error
    },
  )
}

function addParameters(span: Span, config: any, values: unknown, { options }: ClientTracer): void {
  const all = Array.isArray(values) ? values : config.values
  if (options['enhancedDatabaseReporting'] !== true || !Array.isArray(all) || !span.isRecording()) return
  const attributes: Attributes = {}
  for (const [index, value] of all.entries()) attributes[`db.query.parameter.${index}`] = String(value)
  span.setAttributes(attributes)
}

/** A named statement is prepared once, so the comment of one request would apply to later ones. */
function withComment(config: any, span: Span): unknown {
  if (typeof config === 'string') return withTraceComment(span, config)
  if (typeof config.text !== 'string' || config.name !== undefined) return config
  const value = withTraceComment(span, config.text)
  return Object.create(config, { text: { value, writable: true, enumerable: true } })
}

function patchPool(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = moduleOf(exports)
  patchAsking(prototype, (text) => (typeof text === 'string' ? text : text?.text), 'query')
  patchMethod(
    prototype,
    'newClient',
    (original) =>
      function () {
        const result: unknown = original.apply(this, arguments as never)
        const [client] = this._clients
        if (client !== undefined && !placesOfPools.has(this)) placesOfPools.set(this, factsOf(client))
        return result
      },
  )
  patchGettingConnection(prototype, 'connect', (error, statement, pool) => {
    if (statement !== undefined) failUnsent(error, statement, pool, tracer)
  })
  return exports
}

function failUnsent(error: any, statement: unknown, pool: any, tracer: ClientTracer): void {
  const place =
    placesOfErrors.get(error) ??
    placesOfErrors.get(error.cause ?? {}) ??
    placesOfPools.get(pool) ??
    configuredPlace(pool)
  const facts = { ...place, operation: verbOf(statement), statement }
  fail(tracer.start(spanNameOf(facts), operationAttributes(facts)), error)
}

/** Returns the server of a pool that has never had a connection. */
function configuredPlace({ options }: any): OperationFacts {
  const { connectionString } = options
  const url = typeof connectionString === 'string' ? URL.parse(connectionString) : null
  return factsOf(url === null ? options : { host: url.hostname, port: url.port, database: url.pathname.slice(1) })
}

/** The name of each pool, which is kept after the pool has closed its idle connections. */
const namesOfPg = new WeakMap<object, string>()

const POOL: PoolReader = {
  packageName: 'pg-pool',
  files: [],
  create: foundBy(moduleOf, 'newClient'),
  read(pool) {
    if (pool.ended) return undefined
    const { host, port, database } = pool._clients[0] ?? {}
    if (host !== undefined) namesOfPg.set(pool, placeOf(host, port, database))
    return {
      name: namesOfPg.get(pool) ?? 'pg',
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      pending: pool.waitingCount,
      max: pool.options.max,
    }
  },
}

export const client: Client = {
  hooks: [
    {
      packageName: 'pg',
      versions: ['>=8.0.3 <9'],
      files: ['pg/lib/client.js', 'pg/lib/native/client.js'],
      patch: patchClient,
    },
    { packageName: 'pg-pool', versions: ['>=2.0.0 <4'], patch: patchPool },
  ],
  options: {
    addSqlCommenterCommentToQueries: 'boolean',
    enhancedDatabaseReporting: 'boolean',
    ignoreConnectSpans: 'boolean',
    connectionHook: 'gone',
    enableTraceContextPropagation: 'gone',
    requestHook: 'gone',
    responseHook: 'gone',
  },
  operations: { requiresParentSpan: false, unmeasuredSpans: new Set(['pg.connect']) },
  pools: [POOL],
}
