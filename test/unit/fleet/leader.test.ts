import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { connectTo, listenAt } from '../../../src/fleet/local-socket.ts'
import { frame } from '../../../src/fleet/frames.ts'
import { FleetLeader } from '../../../src/fleet/leader.ts'
import { toBody } from '../../../src/fleet/handshake.ts'
import { Records } from '../../../src/fleet/records.ts'
import type { MetricsSource } from '../../../src/sideport/sideport.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { collected, textOf } from '../../support/collected-metrics.ts'

async function sourceOf(orders: number): Promise<MetricsSource> {
  const result = await collected((meter) => meter.createCounter('orders').add(orders))
  return { collect: () => Promise.resolve(result), collectNow: () => result }
}

async function held(t: TestContext): Promise<{ leader: FleetLeader; path: string; folder: string }> {
  const folder = temporaryFolder(t, 'leader')
  const leader = new FleetLeader({
    own: await sourceOf(1),
    slot: undefined,
    records: new Records(folder),
    identity: 'this fleet',
    address: 'http://localhost:1',
    timeoutMs: 2000,
    everyProcessApart: false,
    feed: undefined,
  })
  const path = join(folder, 'socket')
  const server = await listenAt(path, (socket) => leader.accept(socket))
  t.after(() => server.close())
  return { leader, path, folder }
}

const STRANGERS: readonly { label: string; says: Buffer }[] = [
  { label: 'of another fleet', says: frame('hello', toBody({ identity: 'another', id: '1-1', slot: 0 })) },
  { label: 'whose id is a path', says: frame('hello', toBody({ identity: 'this fleet', id: '../../x', slot: 0 })) },
  { label: 'that answers unasked', says: frame('answer', Buffer.from('x')) },
  { label: 'that speaks HTTP', says: Buffer.from('GET /metrics HTTP/1.1\r\n\r\n') },
  { label: 'whose hello is no JSON', says: frame('hello', Buffer.from('{')) },
]

for (const { label, says } of STRANGERS) {
  test(`a stranger ${label} is disconnected and gets no data`, async (t) => {
    const { leader, path } = await held(t)
    const socket = connect(path)
    let received = 0
    socket.on('data', (piece: Buffer) => (received += piece.length))
    socket.on('error', () => {})
    socket.write(says)
    await new Promise((resolve) => socket.once('close', resolve))
    assert.equal(received, 0)
    assert.match(textOf(await leader.collect()), /^obs_fleet_members 1$/m)
    assert.equal(leader.hasOthers, false)
  })
}

test('a socket file left by a crash is replaced', async (t) => {
  assert.equal(await connectTo(join(temporaryFolder(t, 'leader'), 'socket')), undefined)
})

test('a file that cannot be read is not inherited, but its process counts as missing', async (t) => {
  const { leader, folder } = await held(t)
  for (const name of ['retired', `member-${process.ppid}-0`, 'member-1-1']) writeFileSync(join(folder, name), 'junk')
  await leader.inherit()
  const text = textOf(await leader.collect())
  assert.match(text, /^orders_total 1$/m)
  assert.match(text, /^obs_fleet_members 2$/m)
  assert.match(text, /^obs_fleet_members_missing 1$/m)
})
