import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { Connections } from '../../../src/sideport/connections.ts'

/** What `Connections` uses of a socket. */
class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort: number
  readonly localPort = 9464
  destroyed = false

  constructor(remotePort: number) {
    super()
    this.remotePort = remotePort
  }

  unref(): void {}

  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

function admitted(connections: Connections, firstPort: number, count: number): (FakeSocket & Socket)[] {
  return Array.from({ length: count }, (_, index) => {
    const socket = new FakeSocket(firstPort + index) as FakeSocket & Socket
    connections.admit(socket)
    return socket
  })
}

function answer(connections: Connections, socket: Socket): void {
  connections.begin(socket, false)
  connections.end(socket)
}

test('a full side port closes connections that had a response before those that sent no request yet', () => {
  const connections = new Connections()
  const early = admitted(connections, 1, 1)
  const flood = admitted(connections, 100, 99)
  for (const socket of flood) answer(connections, socket)
  admitted(connections, 300, 99)
  assert.deepEqual([early[0]?.destroyed, flood.every((socket) => socket.destroyed)], [false, true])
  admitted(connections, 500, 1)
  assert.equal(early[0]?.destroyed, true, 'the oldest one, once all are without a request')
})

test('of connections that had a response, the one that has been idle for the longest time is closed', () => {
  const connections = new Connections()
  const sockets = admitted(connections, 1, 100)
  for (const socket of sockets) answer(connections, socket)
  const [first, second] = sockets
  if (first !== undefined) answer(connections, first)
  admitted(connections, 500, 1)
  assert.deepEqual([first?.destroyed, second?.destroyed], [false, true])
})

test('connections are crowded above 50, and no longer when some have closed', () => {
  const connections = new Connections()
  admitted(connections, 1, 50)
  assert.equal(connections.isCrowded, false)
  const [last] = admitted(connections, 100, 1)
  assert.equal(connections.isCrowded, true)
  last?.destroy()
  assert.equal(connections.isCrowded, false)
})

test('when all connections are being answered, 20 more are for probes only, of which the oldest goes for a new one', () => {
  const connections = new Connections()
  for (const socket of admitted(connections, 1, 100)) assert.equal(connections.begin(socket, false), true)
  const reserved = admitted(connections, 200, 20)
  assert.ok(reserved.every((socket) => !socket.destroyed))
  const [late] = admitted(connections, 300, 1)
  assert.deepEqual(
    reserved.map((socket) => socket.destroyed),
    reserved.map((_, index) => index === 0),
  )
  const [, forProbe, forScrape] = reserved
  if (forProbe === undefined || forScrape === undefined || late === undefined) return assert.fail()
  assert.equal(connections.begin(forProbe, true), true)
  for (const socket of [forScrape, late]) assert.equal(connections.begin(socket, false), false)
})
