import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import { type Service, unavailable } from './service.ts'
import { untilListening } from './until-listening.ts'

export async function startNats(): Promise<Service | undefined> {
  const binary = findBinary('nats-server')
  if (!binary) return unavailable('nats-server')
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'nats-'))
  const args = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]
  const server = spawnChild(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { NATS_URL: `127.0.0.1:${port}` },
    stop: async () => {
      await endChild(server, 'SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
