import { requireFromClient } from '../clients.ts'
import { startServer } from './imitations.ts'
import { eachMessage } from './message-parts.ts'
import type { Service } from './service.ts'

interface Message {
  readonly id?: number
  readonly channel: number
  readonly size?: number
  readonly fields: Record<string, unknown>
  readonly content?: Buffer
}

/** amqplib's own codec (lib/defs.js and lib/frame.js), used for the server side. */
interface Codec {
  readonly [method: string]: unknown
  encodeMethod(id: unknown, channel: number, fields: object): Buffer
  encodeProperties(id: unknown, channel: number, size: number, fields: object): Buffer
  makeBodyFrame(channel: number, payload: Buffer): Buffer
  parseFrame(received: Buffer, max: number): object
  decodeFrame(frame: object): Message
}

const HEADER_BYTES = 8
const CONSUMER = { consumerTag: 'consumer', redelivered: false, exchange: '' }

/** Starts an AMQP 0-9-1 broker with one queue: messages published to it are delivered to all consumers. */
export function startAmqp(): Promise<Service> {
  const codec = {
    ...(requireFromClient('amqplib/lib/defs.js') as Codec),
    ...(requireFromClient('amqplib/lib/frame.js') as Codec),
  }
  return startServer('AMQP_PORT', (socket) => {
    const send = (method: string, channel: number, fields: object): void => {
      socket.write(codec.encodeMethod(codec[method], channel, fields))
    }
    let hasBegun = false
    let published: Message | undefined
    let tag = 0
    const answers: Readonly<Record<string, (message: Message) => void>> = {
      ConnectionStartOk: () => send('ConnectionTune', 0, { channelMax: 10, frameMax: 131_072, heartbeat: 0 }),
      ConnectionOpen: () => send('ConnectionOpenOk', 0, { knownHosts: '' }),
      ConnectionClose: () => send('ConnectionCloseOk', 0, {}),
      ChannelOpen: ({ channel }) => send('ChannelOpenOk', channel, { channelId: Buffer.alloc(0) }),
      ChannelClose: ({ channel }) => send('ChannelCloseOk', channel, {}),
      QueueDeclare: ({ channel, fields }) =>
        send('QueueDeclareOk', channel, { queue: fields['queue'], messageCount: 0, consumerCount: 0 }),
      BasicConsume: ({ channel }) => send('BasicConsumeOk', channel, CONSUMER),
    }
    const byId = new Map(Object.entries(answers).map(([method, answer]) => [codec[method], answer]))
    const lengthOf = (received: Buffer): number | undefined => {
      if (!hasBegun) return HEADER_BYTES
      return received.length < 7 ? undefined : received.readUInt32BE(3) + 8
    }
    eachMessage(socket, lengthOf, (bytes) => {
      if (!hasBegun) {
        hasBegun = true
        send('ConnectionStart', 0, { versionMajor: 0, versionMinor: 9, serverProperties: {} })
        return
      }
      const message = codec.decodeFrame(codec.parseFrame(bytes, 0))
      if (message.content !== undefined && published !== undefined) {
        const { channel, content } = message
        tag += 1
        send('BasicDeliver', channel, { ...CONSUMER, deliveryTag: tag, routingKey: 'orders' })
        socket.write(codec.encodeProperties(codec['BasicProperties'], channel, content.length, published.fields))
        socket.write(codec.makeBodyFrame(channel, content))
      } else if (message.size !== undefined) published = message
      else byId.get(message.id)?.(message)
    })
  })
}
