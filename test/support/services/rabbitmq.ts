import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

/** A real broker where one is installed. Continuous integration has none: Erlang and a start would take it half a minute. */
export async function startRabbitmq(): Promise<Service | undefined> {
  // Not the wrapper in PATH, which changes the user.
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
  await untilListening(server, port, 60_000)
  return {
    host: '127.0.0.1',
    port,
    env: { RABBITMQ_URL: `amqp://127.0.0.1:${port}` },
    stop: async () => {
      await endChild(server, 'SIGTERM')
      // Erlang's port mapper is a daemon of its own, here on a port of its own.
      execFileSync(epmd, ['-kill'], { env, stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
