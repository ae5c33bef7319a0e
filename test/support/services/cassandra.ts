import { startServer } from './imitations.ts'
import { eachMessage } from './message-parts.ts'
import type { Service } from './service.ts'

const OPCODE = { error: 0, startup: 1, ready: 2, options: 5, supported: 6, query: 7, result: 8, register: 11 } as const
const VERSION = 4
const PROTOCOL_ERROR = 0x0a
const INVALID = 0x22_00
const VARCHAR = 0x0d
const UUID = 0x0c

/**
 * Speaks as much of the CQL protocol (native_protocol_v4.spec) as a driver needs to send statements. An INSERT is
 * rejected.
 */
export function startCassandra(): Promise<Service> {
  return startServer('CASSANDRA_PORT', (socket) => {
    eachMessage(socket, lengthOf, (message) => {
      const [opcode, body] = answerTo(message)
      const header = Buffer.from([0x80 | VERSION, 0, message[2] ?? 0, message[3] ?? 0, opcode])
      socket.write(Buffer.concat([header, int(body.length), body]))
    })
  })
}

function lengthOf(received: Buffer): number | undefined {
  return received.length < 9 ? undefined : received.readUInt32BE(5) + 9
}

function answerTo(message: Buffer): readonly [opcode: number, body: Buffer] {
  if (((message[0] ?? 0) & 0x7f) !== VERSION) {
    return [OPCODE.error, Buffer.concat([int(PROTOCOL_ERROR), text('Invalid or unsupported protocol version')])]
  }
  switch (message[4]) {
    case OPCODE.options:
      return [OPCODE.supported, Buffer.alloc(2)]
    case OPCODE.query: {
      const statement = message.toString('utf8', 13, 13 + message.readInt32BE(9))
      const refused = /VALUES \('(.*)'\)/.exec(statement)?.[1]
      if (refused === undefined) return [OPCODE.result, resultOf(statement)]
      return [
        OPCODE.error,
        Buffer.concat([int(INVALID), text(`Invalid STRING constant (${refused}) for "id" of type int`)]),
      ]
    }
    default:
      return [OPCODE.ready, Buffer.alloc(0)]
  }
}

const LOCAL: readonly (readonly [name: string, type: number, value: Buffer])[] = [
  ['data_center', VARCHAR, Buffer.from('datacenter1')],
  ['rack', VARCHAR, Buffer.from('rack1')],
  ['release_version', VARCHAR, Buffer.from('4.1.0')],
  ['partitioner', VARCHAR, Buffer.from('org.apache.cassandra.dht.Murmur3Partitioner')],
  ['host_id', UUID, Buffer.alloc(16, 1)],
  ['schema_version', UUID, Buffer.alloc(16, 2)],
]

function resultOf(statement: string): Buffer {
  if (!/FROM system\.(?:local|peers)/i.test(statement)) return int(1)
  const rows = /system\.local/i.test(statement) ? [LOCAL.map(([, , value]) => value)] : []
  const columns = LOCAL.map(([name, type]) => Buffer.concat([text(name), short(type)]))
  const values = rows.flat().map((value) => Buffer.concat([int(value.length), value]))
  const metadata = [int(2), int(1), int(LOCAL.length), text('system'), text('local'), ...columns]
  return Buffer.concat([...metadata, int(rows.length), ...values])
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.concat([short(Buffer.byteLength(value)), Buffer.from(value)])
}
