import { type Attributes, type Context, isSpanContextValid, type Link, trace } from '@opentelemetry/api'
import { copyWith } from '../copied.ts'
import type { Client, ClientHook } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { contextOfSender, type MessageFacts, type MessageOperation, Messaging } from '../operations/messaging.ts'
import { likeOriginal, patchMethod } from '../operations/patch.ts'

type Method = (this: any, ...args: any[]) => any

/** Returns a hook for the function with which kafkajs makes its producers or consumers. */
function factoryHook(file: string, patch: (made: any, params: any, messaging: Messaging) => void): ClientHook {
  return {
    packageName: 'kafkajs',
    versions: ['>=0.3.0 <3'],
    files: [`kafkajs/src/${file}/index.js`],
    patch(exports, tracer: ClientTracer) {
      if (typeof exports !== 'function') return exports
      const messaging = new Messaging(tracer, failureOf)
      return likeOriginal(
        exports as Method,
        (original) =>
          function (params) {
            const made: unknown = original.apply(this, arguments as never)
            patch(made, params, messaging)
            return made
          },
      )
    },
  }
}

/** Matches the message of an error that repeats a whole message of the app. */
const REPEATING = /^Invalid message without value for topic(?= ")/

/** The errors of the protocol have a number as their code, and its name as their type. */
function failureOf(error: any): { type?: string; recorded: unknown } {
  const { name, code, type, message } = Object(error)
  const [head] = REPEATING.exec(String(message)) ?? []
  return {
    ...(typeof code === 'number' && typeof type === 'string' && { type }),
    recorded: head === undefined ? error : { name, message: head },
  }
}

function patchProducer(producer: any, { cluster }: any, messaging: Messaging): void {
  patchSending(producer, cluster, messaging)
  patchMethod(
    producer,
    'transaction',
    (original) =>
      function () {
        return original.apply(this, arguments as never).then((transaction: unknown) => {
          patchSending(transaction, cluster, messaging)
          return transaction
        })
      },
  )
}

function patchSending(sender: any, cluster: any, messaging: Messaging): void {
  patchMethod(
    sender,
    'send',
    (original) =>
      function (record) {
        const { topic, messages } = Object(record)
        const operation = messaging.start(sendFacts(cluster, [topic], listOf(messages)))
        return operation.during(() => original.call(this, carryingTopic(operation, record)))
      },
  )
  patchMethod(
    sender,
    'sendBatch',
    (original) =>
      function (batch) {
        const topics = listOf(Object(batch).topicMessages)
        const names = topics.map(({ topic }) => topic as unknown)
        const messages = topics.flatMap((topic) => listOf(topic.messages))
        const operation = messaging.start(sendFacts(cluster, names, messages))
        const topicMessages = topics.map((topic) => carryingTopic(operation, topic))
        return operation.during(() =>
          original.call(this, topics.length === 0 ? batch : copyWith(batch, { topicMessages })),
        )
      },
  )
}

/** Returns an empty list for anything but a list of objects, which kafkajs refuses. */
function listOf(value: unknown): readonly any[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null) ? value : []
}

function sendFacts(cluster: any, topics: readonly unknown[], messages: readonly any[]): MessageFacts {
  const names = new Set(topics)
  const [topic] = names.size === 1 ? names : [undefined]
  return {
    ...factsOf('send', topic),
    count: messages.length,
    more: { ...clusterOf(cluster), ...(messages.length === 1 && describe(messages[0], messages[0].partition)) },
  }
}

function carryingTopic(operation: MessageOperation, topic: any): unknown {
  const headers = operation.headers()
  const messages = listOf(Object(topic).messages)
  if (headers === undefined || messages.length === 0) return topic
  return copyWith(topic, {
    messages: messages.map((message) =>
      isAccepted(message) ? copyWith(message, { headers: { ...message.headers, ...headers } }) : message,
    ),
  })
}

/**
 * Returns false for a message that kafkajs refuses for its missing value or its headers. Such a message is passed on
 * unchanged, because the error repeats it, and because headers of ours would make `null` acceptable.
 */
function isAccepted({ value, headers }: any): boolean {
  return value !== undefined && headers !== null
}

/** Returns a handler whose calls are operations. One that throws at once becomes one that returns a rejected promise, which kafkajs awaits. */
function observe(handler: Method, begin: (payload: any) => MessageOperation): Method {
  return likeOriginal(
    handler,
    (original) =>
      async function (payload) {
        return begin(payload).during(async () => original.apply(this, arguments as never) as unknown)
      },
  )
}

function patchConsumer(consumer: any, { cluster, groupId }: any, messaging: Messaging): void {
  const more = { 'messaging.consumer.group.name': String(groupId) }
  const eachMessage = ({ topic, partition, message }: any): MessageOperation => {
    const attributes = { ...more, ...clusterOf(cluster), ...describe(message, partition) }
    return messaging.start({ ...factsOf('process', topic), more: attributes }, senderOf(message))
  }
  const eachBatch = ({ batch: { topic, partition, messages } }: any): MessageOperation => {
    const attributes = { ...more, ...clusterOf(cluster), 'messaging.destination.partition.id': String(partition) }
    const [parent, links] = sendersOf(messages)
    const facts = { ...factsOf('process', topic), count: messages.length as number, more: attributes }
    const operation = messaging.start(facts, parent)
    operation.span.addLinks(links)
    return operation
  }
  patchMethod(
    consumer,
    'run',
    (original) =>
      function (config) {
        const { eachMessage: onMessage, eachBatch: onBatch } = Object(config)
        const observed = {
          ...(typeof onMessage === 'function' && { eachMessage: observe(onMessage, eachMessage) }),
          ...(typeof onBatch === 'function' && { eachBatch: observe(onBatch, eachBatch) }),
        }
        if (Object.keys(observed).length === 0) return original.apply(this, arguments as never)
        return original.call(this, copyWith(config, observed))
      },
  )
}

/** Values of headers are buffers, and lists where a header occurs several times. */
const GETTER = {
  keys: (headers: object): string[] => Object.keys(headers),
  get: (headers: any, name: string): string | undefined => {
    const [value] = [headers[name]].flat()
    return value === undefined || value === null ? undefined : String(value)
  },
}

function senderOf(message: any): Context {
  return contextOfSender(message?.headers, GETTER)
}

const MAX_LINKS = 128

/** Returns the context of the sender of a batch. If there are several, the batch starts a trace and is linked to them. */
function sendersOf(messages: readonly any[]): readonly [parent: Context, links: Link[]] {
  const contexts = new Map<string, Context>()
  for (const message of messages) {
    const sender = senderOf(message)
    const spanContext = trace.getSpanContext(sender)
    if (spanContext !== undefined && isSpanContextValid(spanContext)) contexts.set(spanContext.spanId, sender)
    if (contexts.size === MAX_LINKS) break
  }
  const [first] = contexts.values()
  if (first !== undefined && contexts.size === 1) return [first, []]
  const links = [...contexts.values()].map((sender): Link => ({
    context: trace.getSpanContext(sender) as Link['context'],
  }))
  return [contextOfSender(undefined), links]
}

/** There is no `server.address`: any of the brokers may get the message. */
function factsOf(operation: 'send' | 'process', topic: unknown): MessageFacts {
  return { system: 'kafka', operation, type: operation, destination: topic }
}

function clusterOf(cluster: any): Attributes {
  const id: unknown = cluster?.brokerPool?.metadata?.clusterId
  return typeof id === 'string' && id !== '' ? { 'messaging.kafka.cluster.id': id } : {}
}

/** Returns the attributes of a single message. */
function describe({ key, value, offset }: any, partition: unknown): Attributes {
  // kafkajs refuses keys of other types, which may not be convertible to a string.
  const hasKey = typeof key === 'string' || Buffer.isBuffer(key)
  return {
    ...(hasKey && { 'messaging.kafka.message.key': String(key) }),
    ...(hasKey && value === null && { 'messaging.kafka.message.tombstone': true }),
    ...(typeof offset === 'string' && { 'messaging.kafka.offset': Number(offset) }),
    ...(typeof partition === 'number' && { 'messaging.destination.partition.id': String(partition) }),
  }
}

export const client: Client = {
  hooks: [factoryHook('producer', patchProducer), factoryHook('consumer', patchConsumer)],
  options: { consumerHook: 'gone', producerHook: 'gone' },
}
