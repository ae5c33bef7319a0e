import { context, createContextKey, type Span } from '@opentelemetry/api'
import { operationAttributes, spanNameOf } from './attributes.ts'
import { boundToCaller } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import { codeOf, endFailed } from './failure.ts'
import { patchMethod } from './patch.ts'

/** Tracks whether an operation has been sent to a server; if so, the command's own span records the outcome. */
interface Sending {
  isSent: boolean
}

const SENDING = createContextKey('@paxx/obs mongodb operation')

/** Marks the running operation as sent, so that the span of its command records the outcome. */
export function markSent(): void {
  const sending = context.active().getValue(SENDING) as Sending | undefined
  if (sending !== undefined) sending.isSent = true
}

/** Operations that the driver starts by itself, and whose failures it ignores. */
const CLEANUPS: ReadonlySet<unknown> = new Set(['killCursors', 'endSessions'])

/**
 * Records operations that fail before they reach a connection: there is no server or no free connection, the session
 * has ended, the client is closed, or the app aborts.
 */
export function patchExecute(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    exports,
    'executeOperation',
    (original) =>
      function (client, operation) {
        const caller = context.active()
        // An operation that this one is a part of consists of recorded ones.
        markSent()
        const sending: Sending = { isSent: CLEANUPS.has(nameOf(operation)) }
        const failed = (error: unknown): void => {
          if (!sending.isSent) context.with(caller, failUnsent, undefined, client, operation, error, tracer)
        }
        const args = [...arguments]
        const callback = args[2]
        if (typeof callback === 'function') {
          const inCaller = boundToCaller(callback)
          args[2] = function (this: unknown, error: unknown) {
            if (error) failed(error)
            return inCaller.apply(this, arguments)
          }
        }
        const result = context.with(caller.setValue(SENDING, sending), () => original.apply(this, args))
        if (typeof callback === 'function' || typeof result?.then !== 'function') return result
        return result.then(undefined, (error: unknown) => {
          failed(error)
          throw error
        })
      },
  )
  return exports
}

const READS = ['next', 'tryNext', 'hasNext', 'forEach', 'toArray', Symbol.asyncIterator] as const

/** A cursor whose signal is aborted before it has asked the server for anything executes no operation. */
export function patchCursor(exports: any, tracer: ClientTracer): unknown {
  const { prototype } = exports.AbstractCursor
  const recorded = new WeakSet<object>()
  const check = (cursor: any): void => {
    if (cursor.signal?.aborted !== true || cursor.id !== undefined || recorded.has(cursor)) return
    recorded.add(cursor)
    const operation = { ns: cursor.namespace, commandName: commandOf(cursor) }
    failUnsent(cursor.client, operation, cursor.signal.reason, tracer)
  }
  for (const name of READS) {
    patchMethod(
      prototype,
      name,
      (original) =>
        function () {
          check(this)
          return original.apply(this, arguments as never)
        },
    )
  }
  return exports
}

/** Returns `find` for a `FindCursor`, and `aggregate` for an `AggregationCursor`. */
function commandOf(cursor: any): string {
  const kind = String(cursor.constructor?.name).replace(/Cursor$/, '')
  return kind === 'Aggregation' ? 'aggregate' : kind.charAt(0).toLowerCase() + kind.slice(1)
}

function nameOf(operation: any): string {
  const name = operation?.commandName ?? String(operation?.constructor?.name).replace(/Operation$/, '')
  return name === 'runCommand' ? (Object.keys(Object(operation.command))[0] ?? name) : name
}

/**
 * Returns the collection of an operation whose command is not built yet. The namespace of many operations then names
 * `$cmd`, the place that commands are sent to, and the collection is in a member of the operation.
 */
function targetOf(operation: any): string | undefined {
  const { ns, target, collection, collectionName, collectionNamespace, name } = operation ?? {}
  const ofDatabase = /^(?:create|drop)(?:Collection)?$/i.test(nameOf(operation)) ? name : undefined
  const candidates = [
    ns?.collection === '$cmd' ? undefined : ns?.collection,
    target,
    collectionName,
    collection?.collectionName,
    collectionNamespace?.collection,
    ofDatabase,
  ]
  return candidates.find((each) => typeof each === 'string' && each !== '')
}

function failUnsent(client: any, operation: any, error: any, tracer: ClientTracer): void {
  const name = nameOf(operation)
  const { host, port } = client?.s?.options?.hosts?.[0] ?? {}
  const namespace = operation?.ns?.db
  const facts = { system: 'mongodb', namespace, collection: targetOf(operation), operation: name, address: host, port }
  end(tracer.start(spanNameOf({ ...facts, namespace: undefined }), operationAttributes(facts)), error, undefined)
}

/** Ends the span of a command with the outcome that the driver reports. */
export function end(span: Span, error: any, result: any): void {
  const failure = error ?? writeErrorOf(result)
  if (failure === undefined || failure === null) return span.end()
  const { codeName, name } = Object(failure)
  const code = codeOf(failure)
  endFailed(span, failure, {
    type: String(codeName ?? code ?? name ?? '_OTHER'),
    statusCode: typeof code === 'number' ? String(code) : undefined,
  })
}

/** Returns the error of a write that the server rejected in a successful response. */
function writeErrorOf(result: any): object | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const isLazy = typeof result.has === 'function' && typeof result.toObject === 'function'
  if (isLazy && !result.has('writeErrors') && !result.has('writeConcernError')) return undefined
  const { writeErrors, writeConcernError } = isLazy ? result.toObject() : result
  const { code, errmsg, codeName } = writeErrors?.[0] ?? writeConcernError ?? {}
  return code === undefined ? undefined : { name: 'MongoServerError', code, codeName, message: errmsg }
}
