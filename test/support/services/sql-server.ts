import { startServer } from './imitations.ts'
import { eachMessage } from './message-parts.ts'
import type { Service } from './service.ts'

const PRELOGIN = 0x12
const LOGIN = 0x10
const RESPONSE = 0x04
/** Encryption is not supported. */
const NOT_SUPPORTED = 2

/**
 * Speaks as much of the TDS protocol (MS-TDS) as a client needs to send statements. An INSERT is rejected with its
 * value.
 */
export function startSqlServer(): Promise<Service> {
  return startServer('MSSQL_PORT', (socket) => {
    let asked = Buffer.alloc(0)
    eachMessage(socket, lengthOf, (packet) => {
      asked = Buffer.concat([asked, packet.subarray(8)])
      if (((packet[1] ?? 0) & 1) === 0) return
      const body = answerTo(packet[0] ?? 0, asked)
      asked = Buffer.alloc(0)
      const header = Buffer.from([RESPONSE, 1, 0, 0, 0, 0, 1, 0])
      header.writeUInt16BE(body.length + header.length, 2)
      socket.write(Buffer.concat([header, body]))
    })
  })
}

function lengthOf(received: Buffer): number | undefined {
  return received.length < 8 ? undefined : received.readUInt16BE(2)
}

function answerTo(type: number, asked: Buffer): Buffer {
  // Two options, version and encryption, each with its offset.
  if (type === PRELOGIN) return Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, NOT_SUPPORTED])
  const done = Buffer.alloc(13)
  done[0] = type === 3 ? 0xfe : 0xfd
  if (type === LOGIN) {
    const name = wide('imitation')
    const acknowledged = Buffer.concat([
      Buffer.from([1, 0x74, 0, 0, 4, name.length / 2]),
      name,
      Buffer.from([16, 0, 0, 0]),
    ])
    return Buffer.concat([token(0xad, acknowledged), done])
  }
  const refused = /VALUES \('(.*)'\)/.exec(asked.toString('utf16le', asked.length % 2))?.[1]
  if (refused === undefined) return done
  const message = wide(`Violation of UNIQUE KEY constraint. The duplicate key value is (${refused}).`)
  const length = Buffer.alloc(2)
  length.writeUInt16LE(message.length / 2)
  const number = Buffer.from([0x43, 0x0a, 0, 0, 1, 14])
  done[1] = 2
  return Buffer.concat([token(0xaa, Buffer.concat([number, length, message, Buffer.alloc(6)])), done])
}

function token(type: number, body: Buffer): Buffer {
  const head = Buffer.from([type, 0, 0])
  head.writeUInt16LE(body.length, 1)
  return Buffer.concat([head, body])
}

function wide(value: string): Buffer {
  return Buffer.from(value, 'utf16le')
}
