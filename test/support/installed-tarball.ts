import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from './paths.ts'

/** The package as a user gets it: packed, and installed in an empty folder. */
export interface InstalledTarball {
  readonly tarball: string
  readonly folder: string
  /** Everything that was installed: this package with its dependencies. */
  readonly packages: readonly string[]
  readonly sizeBytes: number
  remove(): void
}

/** Packs `dist` as it is, because a build would change it while other tests run. */
export function installTarball(): InstalledTarball {
  const temporary = mkdtempSync(join(tmpdir(), 'obs-tarball-'))
  const packed = npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', temporary)
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  const folder = join(temporary, 'app')
  const tarball = join(temporary, filename)
  return { tarball, ...installAlone(folder, tarball), remove: () => rmSync(temporary, { recursive: true }) }
}

/** Installs packages of the registry, or tarballs, in an empty folder. */
export function installAlone(
  folder: string,
  ...specifiers: readonly string[]
): Omit<InstalledTarball, 'remove' | 'tarball'> {
  writeManifest(folder)
  npm(folder, 'install', '--ignore-scripts', ...specifiers)
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object }
  return {
    folder,
    packages: Object.keys(lock.packages).filter((path) => path !== ''),
    sizeBytes: sizeOf(join(folder, 'node_modules')),
  }
}

export function npm(cwd: string, ...args: string[]): string {
  const env = environmentOfNpm()
  const result = spawnSync('npm', [...args, '--no-audit', '--no-fund'], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 240_000,
  })
  if (result.status !== 0) throw new Error(`npm ${args.join(' ')}\n${result.stdout}${result.stderr}`)
  return result.stdout
}

/** npm needs the machine's settings for proxy, registry and certificates. It runs on the tests' Node.js. */
export function environmentOfNpm(): NodeJS.ProcessEnv {
  const settings = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_OPTIONS$|OTEL_|NODE_TEST_CONTEXT$)/.test(name),
  )
  return { ...Object.fromEntries(settings), PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }
}

function writeManifest(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', version: '1.0.0', private: true }))
}

/** Returns the disk usage as `du` does: thousands of small files use more than their bytes. */
function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.reduce((total, file) => total + statSync(join(file.parentPath, file.name)).blocks * 512, 0)
}
