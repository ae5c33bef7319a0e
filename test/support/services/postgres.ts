import { execFileSync } from 'node:child_process'
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

/** Starts a real PostgreSQL if one is installed, otherwise an embedded one: these tests are never skipped. */
export async function startPostgres(): Promise<Service> {
  const initdb = findBinary('initdb', globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed())
  return initdb ? await startInstalled(dirname(initdb)) : await startEmbedded()
}

async function startInstalled(binaries: string): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'obs-postgres-'))
  const owner = otherThanRoot()
  if (owner) chownSync(folder, owner.uid, owner.gid)
  const options = { ...owner, cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } }
  const data = join(folder, 'data')
  const initArgs = ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8']
  execFileSync(join(binaries, 'initdb'), initArgs, { ...options, stdio: 'pipe' })
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off', 'jit=off']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  // SIGINT requests PostgreSQL's fast shutdown.
  const server = spawnChild(join(binaries, 'postgres'), args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    parentDeathSignal: 'SIGINT',
  })
  await untilListening(server, port)
  return {
    ...addressed(port),
    stop: async () => {
      await endChild(server, 'SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startEmbedded(): Promise<Service> {
  const db = await PGlite.create()
  const port = await freePort()
  // With the default of one connection, the second one of a pool is reset.
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 10 })
  await server.start()
  return {
    ...addressed(port),
    stop: async () => {
      await server.stop()
      await db.close()
    },
  }
}

function addressed(port: number): Omit<Service, 'stop'> {
  const env = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres', PGDATABASE: 'postgres' }
  return { host: '127.0.0.1', port, env }
}

/** PostgreSQL refuses to run as root. */
function otherThanRoot(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const passwd = readFileSync('/etc/passwd', 'utf8')
  const entry = /^postgres:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? /^nobody:[^:]*:(\d+):(\d+):/m.exec(passwd)
  if (!entry) throw new Error('no user to run PostgreSQL as')
  return { uid: Number(entry[1]), gid: Number(entry[2]) }
}
