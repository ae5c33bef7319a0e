import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { ROOT } from '../paths.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

/**
 * Starts jongodb, which speaks MongoDB's protocol, because no distribution includes the server itself. It is installed
 * with the packages of test/matrix.
 */
export async function startMongodb(): Promise<Service | undefined> {
  const folder = join(ROOT, 'test/matrix/node_modules/@jongodb/memory-server-bin-linux-x64-gnu/bin')
  const binary = findBinary('jongodb', [folder])
  if (!binary) return unavailable('jongodb')
  const port = await freePort()
  const args = ['--host=127.0.0.1', `--port=${port}`, '--database=test']
  const server = spawnChild(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { MONGODB_PORT: String(port) },
    stop: () => endChild(server, 'SIGTERM'),
  }
}
