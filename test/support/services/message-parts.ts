import type { Socket } from 'node:net'

/** Calls back with each complete message on a socket. `lengthOf` returns its length as soon as it is known. */
export function eachMessage(
  socket: Socket,
  lengthOf: (received: Buffer) => number | undefined,
  take: (message: Buffer) => void,
): void {
  let received = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    for (
      let length = lengthOf(received);
      length !== undefined && received.length >= length;
      length = lengthOf(received)
    ) {
      const message = received.subarray(0, length)
      received = received.subarray(length)
      take(message)
    }
  })
}
