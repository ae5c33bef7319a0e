import { trace } from '@opentelemetry/api'
import { copyOrNew } from '../copied.ts'
import { heardBack } from '../operations/caller.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import {
  contextOfSender,
  destinationOf,
  type MessageFacts,
  type MessageOperation,
  Messaging,
} from '../operations/messaging.ts'
import { Outermost } from '../operations/outermost.ts'
import { patchMethod } from '../operations/patch.ts'

/** A confirm channel publishes through the method of an ordinary channel; only the outer call is the operation. */
const publishing = new Outermost()

function patch(exports: any, tracer: ClientTracer): unknown {
  const messaging = new Messaging(tracer)
  patchPublishing(exports.Channel.prototype, messaging)
  patchPublishing(exports.ConfirmChannel.prototype, messaging)
  patchMethod(
    exports.Channel.prototype,
    'consume',
    (original) =>
      function (queue, callback, ...rest) {
        if (typeof callback !== 'function') return original.apply(this, arguments as never)
        const consumed = (message: any): unknown => {
          // `null` means that the broker has cancelled the consumer.
          if (message === null) return callback(message)
          const sender = contextOfSender(message.properties?.headers)
          return messaging.start(factsOf(this, 'process', queue), sender).during(() => callback(message))
        }
        return original.call(this, queue, consumed, ...rest)
      },
  )
  patchMethod(
    exports.Channel.prototype,
    'get',
    (original) =>
      function (queue, options, callback) {
        const operation = messaging.start(factsOf(this, 'get', queue))
        const got = (message: unknown): unknown => {
          received(operation, message)
          return message
        }
        try {
          if (typeof callback === 'function') {
            const called = heardBack(callback, (error, message) => (error ? operation.fail(error) : got(message)))
            return original.call(this, queue, options, called)
          }
          const result = original.apply(this, arguments as never)
          if (typeof result?.then !== 'function') return result
          return result.then(got, (error: unknown) => {
            operation.fail(error)
            throw error
          })
        } catch (thrown) {
          operation.fail(thrown)
          throw thrown
        }
      },
  )
  return exports
}

function patchPublishing(prototype: object, messaging: Messaging): void {
  patchMethod(
    prototype,
    'publish',
    (original) =>
      function (exchange, routingKey, content, options, callback) {
        if (publishing.isWithin) return original.apply(this, arguments as never)
        const operation = messaging.start(factsOf(this, 'publish', routingKey, exchange))
        const carried = carrying(operation, options)
        const publish = (...more: unknown[]): unknown =>
          publishing.run(() => original.call(this, exchange, routingKey, content, carried, ...more))
        if (typeof callback !== 'function') return operation.during(() => publish())
        try {
          // The callback runs when the broker confirms the message.
          return publish(operation.calledBack(callback))
        } catch (thrown) {
          operation.fail(thrown)
          throw thrown
        }
      },
  )
}

/** Returns a callback that ends the operation of `get`, whose result is `false` when the queue is empty. */
function received(operation: MessageOperation, message: any): void {
  const sender = trace.getSpanContext(contextOfSender(message?.properties?.headers))
  if (sender !== undefined) operation.span.addLink({ context: sender })
  operation.end(message ? 1 : 0)
}

function carrying(operation: MessageOperation, options: any): unknown {
  const headers = operation.headers()
  return headers === undefined ? options : copyOrNew(options, { headers: copyOrNew(options?.headers, headers) })
}

const TYPES = { publish: 'send', process: 'process', get: 'receive' } as const

/** Names that the broker generates for queues without one and for direct replies. */
const GENERATED_NAME = /^amq\.(?:gen-|rabbitmq\.reply-to)/

function factsOf({ connection }: any, operation: keyof typeof TYPES, queue: unknown, exchange?: unknown): MessageFacts {
  const { remoteAddress, remotePort } = connection?.stream ?? {}
  const key = typeof queue === 'string' ? destinationOf(queue, '.') : ''
  return {
    system: 'rabbitmq',
    operation,
    type: TYPES[operation],
    destination: [exchange, key].filter((part) => typeof part === 'string' && part !== '').join(':'),
    isTemporary: typeof queue === 'string' && GENERATED_NAME.test(queue),
    address: remoteAddress,
    port: remotePort,
    ...(operation === 'publish' && key !== '' && { more: { 'messaging.rabbitmq.destination.routing_key': key } }),
  }
}

export const client: Client = {
  hooks: [
    {
      packageName: 'amqplib',
      versions: ['>=0.5.5 <3'],
      files: ['amqplib/lib/channel_model.js', 'amqplib/lib/callback_model.js'],
      patch,
    },
  ],
  options: {
    consumeEndHook: 'gone',
    consumeHook: 'gone',
    consumeTimeoutMs: 'gone',
    publishConfirmHook: 'gone',
    publishHook: 'gone',
    useLinksForConsume: 'gone',
  },
}
