/**
 * A collector that accepts everything and decodes nothing, in a process of its own, so that it does not affect what is
 * measured. Prints its port on stdout.
 */
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

/** An uncompressed gRPC frame with an empty message. */
const EMPTY_MESSAGE = Buffer.alloc(5)

let receivedBytes = 0

const server = createServer()
server.on('stream', (stream) => {
  stream.on('error', () => {})
  stream.on('data', (bytes: Buffer) => (receivedBytes += bytes.length))
  stream.on('end', () => {
    if (stream.destroyed) return
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(EMPTY_MESSAGE)
  })
})
server.on('sessionError', () => {})
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
// On request of the benchmark, reports the bytes received since the previous request.
process.on('message', () => {
  process.send?.(receivedBytes)
  receivedBytes = 0
})
process.on('disconnect', () => process.exit())
