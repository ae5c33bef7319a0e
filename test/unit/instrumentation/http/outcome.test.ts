import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import {
  type AnyResponse,
  type ExchangeOutcome,
  outcomeOfClosed,
} from '../../../../src/instrumentation/http/outcome.ts'

/** Returns the outcome of a response whose client disconnects while it is served. */
async function outcomeOf(serve: (response: AnyResponse) => void): Promise<ExchangeOutcome> {
  const { promise, resolve } = Promise.withResolvers<ExchangeOutcome>()
  const listener: RequestListener = (incoming, response) => {
    const { socket } = incoming
    socket.prependListener('close', () => resolve(outcomeOfClosed(response as AnyResponse, socket, undefined)))
    serve(response as AnyResponse)
    call.destroy()
  }
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const call = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  call.on('error', () => {})
  call.end()
  const outcome = await promise
  server.close()
  return outcome
}

test('an incomplete response has the status that was sent', async () => {
  assert.deepEqual(await outcomeOf((response) => response.writeHead(202).write('part')), {
    status: 202,
    failure: 'aborted',
  })
})

test('an incomplete response has no status if none was sent', async () => {
  assert.deepEqual(await outcomeOf(() => {}), { status: undefined, failure: 'aborted' })
})

test('an app that redefines headersSent, as @fastify/express does, does not change the status', async () => {
  const outcome = await outcomeOf((response) => {
    Object.defineProperty(response, 'headersSent', { get: () => false })
    response.writeHead(202).write('part')
  })
  assert.deepEqual(outcome, { status: 202, failure: 'aborted' })
})
