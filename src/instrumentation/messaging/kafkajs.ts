import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { copyWith } from '../copied.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown
type Patch = (original: Method) => Method

/** What is used of the instrumentation's inside (instrumentation-kafkajs 0.300; the version is inlined). */
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
 * The instrumentation of kafkajs that writes trace headers into copies of the app's messages, leaves a call without messages
 * to kafkajs's own error, and ends the span of a handler that throws before it returns a promise.
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

  /** Upstream puts its wrappers into the object with the app's handlers. */
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

/** Gives the patch a copy of the call's input. Where none can be made, the call goes to kafkajs as it came. */
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

/** A handler that throws synchronously is for kafkajs, which awaits it, one that rejects. */
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

/** Undefined where these are not all objects. */
function copiesOf(list: unknown, copyOf: (each: object) => object | undefined): object[] | undefined {
  if (!Array.isArray(list) || !list.every(isObject)) return undefined
  const copies = list.map(copyOf)
  return copies.every((copy) => copy !== undefined) ? copies : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
