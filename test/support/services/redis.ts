import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { endChild, spawnChild } from '../children.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

/** Starts a cluster of one server, whose slots still have to be assigned. */
export function startRedisCluster(t: Pick<TestContext, 'after'>): Promise<Service | undefined> {
  const nodes = join(temporaryFolder(t, 'redis'), 'nodes.conf')
  return start(['--cluster-enabled', 'yes', '--cluster-config-file', nodes, '--cluster-announce-ip', '127.0.0.1'])
}

/** Starts a cluster of three servers with a third of the slots each. `REDIS_URL` is that of the first. */
export async function startRedisNodes(): Promise<Service | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'obs-redis-'))
  const nodes: Service[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  const busPorts: number[] = []
  for (let n = 0; n < SLOTS.length; n++) {
    const busPort = await freePort()
    const file = join(folder, `${n}.conf`)
    const options = ['--cluster-enabled', 'yes', '--cluster-config-file', file, '--cluster-port', String(busPort)]
    const node = await start([...options, '--cluster-announce-ip', '127.0.0.1'])
    if (node === undefined) return undefined
    nodes.push(node)
    busPorts.push(busPort)
  }
  const [first] = nodes as [Service, ...Service[]]
  try {
    for (const [n, { port }] of nodes.entries()) {
      await ask(port, `CLUSTER ADDSLOTSRANGE ${SLOTS[n]}`)
      await ask(port, `CLUSTER SET-CONFIG-EPOCH ${n + 1}`)
      if (n > 0) await ask(first.port, `CLUSTER MEET 127.0.0.1 ${port} ${busPorts[n]}`)
    }
    for (const { port } of nodes)
      await eventually(async () => assert.match(await ask(port, 'CLUSTER INFO'), /cluster_state:ok[^]*known_nodes:3/))
  } catch (error) {
    await stop()
    throw error
  }
  return { ...first, ports: nodes.map(({ port }) => port), stop }
}

const SLOTS = ['0 5460', '5461 10922', '10923 16383']

/** Sends one command and returns what the server answers. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`${command}\r\n`)
  const answer = await text(socket)
  if (answer.startsWith('-')) throw new Error(`${command}: ${answer}`)
  return answer
}

/** Uses a free port by default. */
export function startRedis(port?: number): Promise<Service | undefined> {
  return start([], port)
}

async function start(more: readonly string[], wanted?: number): Promise<Service | undefined> {
  const binary = findBinary('redis-server')
  if (!binary) return unavailable('redis-server')
  const port = wanted ?? (await freePort())
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more]
  const server = spawnChild(binary, args, { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] })
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { REDIS_URL: `redis://127.0.0.1:${port}` },
    stop: () => endChild(server, 'SIGTERM'),
  }
}
