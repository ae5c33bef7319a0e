import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { copyWith } from '../copied.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown
type Patch = (original: Method) => Method

/** The internals of the instrumentation that are used here (instrumentation-kafkajs 0.300; the version is inlined). */
interface Upstream {
  _getSendPatch(): Patch
  _getSendBatchPatch(): Patch
  _getConsumerRunPatch(): Patch
  _getConsumerEachMessagePatch(client: unknown): Patch
  _getConsumerEachBatchPatch(client: unknown): Patch
}

interface Message {
  readonly headers?: object
}

interface Topic {
  readonly messages?: unknown
}

const Base: new (config?: object) => Upstream = KafkaJsInstrumentation as unknown as new (config?: object) => Upstream

/**
 * Instruments kafkajs. Trace headers are written into copies of the app's messages, a call without messages fails with
 * kafkajs's own error, and the span of a handler that throws before it returns a promise is ended.
 */
export class TransparentKafkaJsInstrumentation extends Base {
  override _getSendPatch(): Patch {
    return withCopiedInput(super._getSendPatch(), copyOfTopic)
  }

  override _getSendBatchPatch(): Patch {
    return withCopiedInput(super._getSendBatchPatch(), (batch) => {
      const { topicMessages } = batch as { topicMessages?: unknown }
      const copies = copiesOf(topicMessages, copyOfTopic)
      return copies === undefined ? undefined : copyWith(batch, { topicMessages: copies } as object)
    })
  }

  /** Upstream writes its wrappers into the object that holds the app's handlers. */
  override _getConsumerRunPatch(): Patch {
    return withCopiedInput(super._getConsumerRunPatch(), (config) => copyWith(config, {}))
  }

  override _getConsumerEachMessagePatch(client: unknown): Patch {
    return withRejections(super._getConsumerEachMessagePatch(client))
  }

  override _getConsumerEachBatchPatch(client: unknown): Patch {
    return withRejections(super._getConsumerEachBatchPatch(client))
  }
}

/**
 * Passes a copy of the call's input to the patch. If it cannot be copied, kafkajs is called with the original input.
 */
function withCopiedInput(patch: Patch, copyOf: (input: object) => object | undefined): Patch {
  return (original) => {
    const patched = patch(original)
    return function (this: unknown, ...args) {
      const [input, ...others] = args
      const copy = isObject(input) ? copyOf(input) : undefined
      if (copy === undefined) return Reflect.apply(original, this, args)
      return Reflect.apply(patched, this, [copy, ...others])
    }
  }
}

/**
 * Returns a rejected promise for a handler that throws synchronously. kafkajs awaits the handler, so it sees no
 * difference.
 */
function withRejections(patch: Patch): Patch {
  return (original) =>
    patch(function (this: unknown, ...args) {
      try {
        return Reflect.apply(original, this, args)
      } catch (error) {
        return Promise.reject(error)
      }
    })
}

function copyOfTopic(topic: object): object | undefined {
  const { messages } = topic as Topic
  const copies = copiesOf(messages, (message) => {
    const { headers } = message as Message
    return copyWith(message as Message, { headers: isObject(headers) ? copyWith(headers, {}) : {} })
  })
  return copies === undefined ? undefined : copyWith(topic as Topic, { messages: copies })
}

/** Returns undefined if the list contains anything but objects. */
function copiesOf(list: unknown, copyOf: (each: object) => object | undefined): object[] | undefined {
  if (!Array.isArray(list) || !list.every(isObject)) return undefined
  const copies = list.map(copyOf)
  return copies.every((copy) => copy !== undefined) ? copies : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
