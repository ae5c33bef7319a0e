import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endChild, spawnChild } from '../children.ts'
import { freePort } from '../free-port.ts'
import { findBinary } from './find-binary.ts'
import { unavailable } from './service.ts'
import type { Service } from './service.ts'
import { untilListening } from './until-listening.ts'

/** Starts MariaDB, for clients of MySQL: user `root` without a password, database `test`. */
export async function startMariadb(): Promise<Service | undefined> {
  const install = findBinary('mariadb-install-db')
  const binary = findBinary('mariadbd')
  if (!install || !binary) return unavailable('mariadb-server')
  const folder = mkdtempSync(join(tmpdir(), 'obs-mariadb-'))
  const user = userOf(folder)
  const data = join(folder, 'data')
  const own = [`--datadir=${data}`, ...(user === undefined ? [] : [`--user=${user}`])]
  execFileSync(install, ['--no-defaults', ...own, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'pipe',
  })
  const port = await freePort()
  const args = ['--no-defaults', ...own, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 's')}`]
  const server = spawnChild(
    binary,
    [...args, `--pid-file=${join(folder, 'pid')}`, '--skip-log-bin', '--innodb-flush-log-at-trx-commit=0'],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  await untilListening(server, port)
  return {
    host: '127.0.0.1',
    port,
    env: { MYSQL_PORT: String(port) },
    stop: async () => {
      await endChild(server, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** MariaDB refuses to run as root; Debian's package creates a user. */
function userOf(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return undefined
  const [, uid, gid] = /^mysql:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? []
  if (uid === undefined || gid === undefined) throw new Error('no user to run MariaDB as')
  chownSync(folder, Number(uid), Number(gid))
  return 'mysql'
}
