import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { endChild, spawnChild } from '../children.ts'
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
