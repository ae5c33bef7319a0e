import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import { type Service, unavailable } from './service.ts'
import { untilListening } from './until-listening.ts'

export async function startMosquitto(): Promise<Service | undefined> {
  const binary = findBinary('mosquitto')
  if (!binary) return unavailable('mosquitto')
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'obs-mosquitto-'))
  const file = join(folder, 'mosquitto.conf')
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`)
  const server = spawnChild(binary, ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  // It runs as its own user, who has to read the file before it is removed.
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { MQTT_PORT: String(port) },
    stop: async () => {
      await endChild(server, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
