import { tmpdir } from 'node:os'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

export async function startRedis(): Promise<Service | undefined> {
  const binary = findBinary('redis-server')
  if (!binary) return unavailable('redis-server')
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawnChild(binary, args, { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] })
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { REDIS_URL: `redis://127.0.0.1:${port}` },
    stop: () => endChild(server, 'SIGTERM'),
  }
}
