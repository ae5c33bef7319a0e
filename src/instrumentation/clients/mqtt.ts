import { EventEmitter } from 'node:events'
import { copyOrNew } from '../copied.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import {
  contextOfSender,
  destinationOf,
  type MessageFacts,
  type MessageOperation,
  Messaging,
} from '../operations/messaging.ts'
import { likeOriginal, overrideMethod, patchMethod } from '../operations/patch.ts'

function patch(exports: any, tracer: ClientTracer): unknown {
  const messaging = new Messaging(tracer)
  const { prototype } = exports.default ?? exports
  patchMethod(
    prototype,
    'publish',
    (original) =>
      function (topic, message, options, callback) {
        const [given, called] = typeof options === 'function' ? [undefined, options] : [options, callback]
        const operation = messaging.start(factsOf(this, 'publish', topic))
        const carried = carrying(this, operation, given)
        // Without a callback, the library emits an error as an event, so no callback must be added.
        if (typeof called !== 'function') return operation.during(() => original.call(this, topic, message, carried))
        return original.call(this, topic, message, carried, operation.calledBack(called))
      },
  )
  const { emit } = prototype
  if (typeof emit !== 'function') return exports
  const emitting = likeOriginal(
    emit,
    (original) =>
      function (event, ...args) {
        const call = (): unknown => original.call(this, event, ...args)
        if (event !== 'message' || EventEmitter.prototype.listenerCount.call(this, event) === 0) return call()
        const [topic, , packet] = args
        const sender = contextOfSender(packet?.properties?.userProperties)
        return messaging.start(factsOf(this, 'process', topic), sender).during(call)
      },
  )
  overrideMethod(prototype, 'emit', emitting)
  return exports
}

function factsOf({ options }: any, operation: 'publish' | 'process', topic: unknown): MessageFacts {
  return {
    system: 'mqtt',
    operation,
    type: operation === 'publish' ? 'send' : 'process',
    destination: destinationOf(topic, '/'),
    address: options?.hostname ?? options?.host,
    port: options?.port,
  }
}

/** Messages have properties since MQTT 5. */
function carrying(client: any, operation: MessageOperation, options: any): unknown {
  const headers = client.options?.protocolVersion === 5 ? operation.headers() : undefined
  if (headers === undefined) return options
  const userProperties = { ...options?.properties?.userProperties, ...headers }
  return copyOrNew(options, { properties: { ...options?.properties, userProperties } })
}

export const client: Client = {
  hooks: [
    {
      packageName: 'mqtt',
      versions: ['>=4.0.0 <6'],
      files: ['mqtt/build/lib/client.js', 'mqtt/lib/client.js'],
      patch,
    },
  ],
}
