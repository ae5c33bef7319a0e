import { copyOrNew } from '../copied.ts'
import type { Client, ClientHook } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import {
  contextOfSender,
  destinationOf,
  type MessageFacts,
  type MessageOperation,
  Messaging,
} from '../operations/messaging.ts'
import { Outermost } from '../operations/outermost.ts'
import { likeOriginal, overrideMethod, patchMethod } from '../operations/patch.ts'

/** The library's `headers()`, which creates an empty set of headers. */
type MakeHeaders = () => any
/** A request publishes a message; the request is the operation. */
const requesting = new Outermost()

const GETTER = {
  keys: (headers: any): string[] => headers.keys(),
  get: (headers: any, name: string): string | undefined => headers.get(name) || undefined,
}

const patchConnection = (makerOfHeaders: () => MakeHeaders | undefined) => (exports: any, tracer: ClientTracer) => {
  const messaging = new Messaging(tracer)
  const { prototype } = exports.NatsConnectionImpl
  patchMethod(
    prototype,
    'publish',
    (original) =>
      function (subject, data, options) {
        if (requesting.isWithin || isInternal(this, subject)) return original.apply(this, arguments as never)
        const operation = messaging.start(factsOf(this, 'publish', subject))
        return operation.during(() =>
          original.call(this, subject, data, withHeaders(this, operation, options, makerOfHeaders())),
        )
      },
  )
  patchMethod(
    prototype,
    'request',
    (original) =>
      function (subject, data, options = { timeout: 1000, noMux: false }) {
        if (isInternal(this, subject)) return original.apply(this, arguments as never)
        const operation = messaging.start(factsOf(this, 'request', subject))
        return operation.during(() =>
          requesting.run(() =>
            original.call(this, subject, data, withHeaders(this, operation, options, makerOfHeaders())),
          ),
        )
      },
  )
  patchMethod(
    prototype,
    'subscribe',
    (original) =>
      function (subject, options) {
        const callback = options?.callback
        if (isInternal(this, subject)) return original.apply(this, arguments as never)
        if (typeof callback !== 'function') {
          const subscription = original.apply(this, arguments as never)
          watchIterated(this, subscription, subject, messaging)
          return subscription
        }
        const called = (error: unknown, message: any): unknown => {
          if (error) return callback(error, message)
          const operation = messaging.start(
            factsOf(this, 'process', subject),
            contextOfSender(message?.headers, GETTER),
          )
          return operation.during(() => callback(error, message))
        }
        return original.call(this, subject, copyOrNew(options, { callback: called }))
      },
  )
  return exports
}

/**
 * Records the messages that the app iterates over as received only, because it is unknown when the app has finished
 * processing one.
 */
function watchIterated(connection: any, subscription: any, subject: unknown, messaging: Messaging): void {
  const { callback } = subscription
  if (typeof callback !== 'function') return
  overrideMethod(subscription, 'callback', function (this: unknown, error: unknown, message: any) {
    if (!error)
      messaging.start(factsOf(connection, 'receive', subject), contextOfSender(message?.headers, GETTER)).end()
    return callback.call(this, error, message)
  })
}

/** Returns whether a subject belongs to an interface of the server (such as JetStream) or to replies. */
function isInternal({ options }: any, subject: unknown): boolean {
  return (
    typeof subject !== 'string' || subject.startsWith('$') || subject.startsWith(`${options?.inboxPrefix ?? '_INBOX'}.`)
  )
}

const TYPES = { publish: 'send', request: 'send', process: 'process', receive: 'receive' } as const

function factsOf({ protocol }: any, operation: keyof typeof TYPES, subject: unknown): MessageFacts {
  const { hostname, port } = protocol?.servers?.getCurrentServer?.() ?? {}
  return {
    system: 'nats',
    operation,
    type: TYPES[operation],
    destination: destinationOf(subject, '.'),
    address: hostname,
    port,
  }
}

/** Adds the trace context. A server without support for headers rejects messages that have them. */
function withHeaders(
  { protocol }: any,
  operation: MessageOperation,
  options: any,
  makeHeaders: MakeHeaders | undefined,
): unknown {
  const context = protocol?.info?.headers === true ? operation.headers() : undefined
  if (makeHeaders === undefined || context === undefined) return options
  const headers = makeHeaders()
  for (const [name, values] of options?.headers ?? []) for (const value of values) headers.append(name, value)
  for (const [name, value] of Object.entries(context)) headers.set(name, value)
  return copyOrNew(options, { headers })
}

/** JetStream delivers its messages through internal subjects. */
function patchJetStream(exports: any, tracer: ClientTracer): unknown {
  const messaging = new Messaging(tracer)
  exports.toJsMsg = likeOriginal(
    exports.toJsMsg,
    (original) =>
      function (message) {
        const { publisher: protocol, subject, headers } = message
        if (!isInternal({}, subject))
          messaging.start(factsOf({ protocol }, 'receive', subject), contextOfSender(headers, GETTER)).end()
        return original.apply(this, arguments as never)
      },
  )
  return exports
}

/** Returns the hooks for one of the two generations of the client. Each uses the headers class of its own package. */
function hooksOf(packageName: string, range: string, folder: string): ClientHook[] {
  let makeHeaders: MakeHeaders | undefined
  return [
    { packageName, versions: [range], files: [`${folder}/nats.js`], patch: patchConnection(() => makeHeaders) },
    {
      packageName,
      versions: [range],
      files: [`${folder}/headers.js`],
      patch(exports) {
        makeHeaders = exports.headers
        return exports
      },
    },
  ]
}

function jetStreamHook(packageName: string, range: string, folder: string): ClientHook {
  return { packageName, versions: [range], files: [`${folder}/jsmsg.js`], patch: patchJetStream }
}

export const client: Client = {
  hooks: [
    ...hooksOf('nats', '>=2.7.0 <3', 'nats/lib/nats-base-client'),
    ...hooksOf('@nats-io/nats-core', '>=3.0.0 <4', '@nats-io/nats-core/lib'),
    jetStreamHook('nats', '>=2.7.0 <3', 'nats/lib/jetstream'),
    jetStreamHook('@nats-io/jetstream', '>=3.0.0 <4', '@nats-io/jetstream/lib'),
  ],
}
