import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

export async function startMemcached(): Promise<Service | undefined> {
  const binary = findBinary('memcached')
  if (!binary) return unavailable('memcached')
  const port = await freePort()
  const args = ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(port), '-U', '0']
  const server = spawnChild(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { MEMCACHED_PORT: String(port) },
    stop: () => endChild(server, 'SIGTERM'),
  }
}
