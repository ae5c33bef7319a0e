import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

/** Starts a real broker if one is installed. CI has none, because Erlang and the start would take half a minute. */
export async function startRabbitmq(): Promise<Service | undefined> {
  // The wrapper in PATH changes the user, so it is not used.
  const binary = '/usr/lib/rabbitmq/bin/rabbitmq-server'
  const epmd = findBinary('epmd')
  if (!existsSync(binary) || epmd === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'obs-rabbitmq-'))
  const [port, distributionPort, epmdPort] = await Promise.all([freePort(), freePort(), freePort()])
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    RABBITMQ_NODENAME: `obs-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
  }
  const server = spawnChild(binary, [], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  await untilListening(server, port, 180_000, 'SIGTERM')
  return {
    host: '127.0.0.1',
    port,
    env: { RABBITMQ_URL: `amqp://127.0.0.1:${port}` },
    stop: async () => {
      await endChild(server, 'SIGTERM')
      // Erlang's port mapper is a separate daemon, here on its own port.
      execFileSync(epmd, ['-kill'], { env, stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
