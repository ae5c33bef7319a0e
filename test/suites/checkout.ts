import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Suite } from './suite.ts'

/** Outside of this repository: its modules must not be found by the suites. */
const FOLDER = process.env['OBS_SUITES_FOLDER'] ?? join(tmpdir(), 'obs-suites')
/** A folder of git directories `owner+name/repo`, to be read in place of GitHub. */
const LOCAL = process.env['OBS_SUITES_REPOSITORIES']
const READY = '.ready'

/** Gives the folder of the suite's package, with its sources and installed dependencies; both are kept for the next run. */
export function checkOut(suite: Suite): string {
  const root = join(FOLDER, `${suite.name.replace('/', '+')}@${suite.version}`)
  const folder = suite.outside === true ? join(root, 'sources') : join(root, 'node_modules', suite.name)
  // Only there do instrumentations take it for the package: a repository of many is put beside it.
  const sources = suite.folder === undefined ? folder : join(root, 'repository')
  const { commit, needs, published, prepare } = suite
  const ready = JSON.stringify({ commit, needs, published, prepare })
  const mark = join(root, READY)
  if (existsSync(mark) && readFileSync(mark, 'utf8') === ready) return folder
  rmSync(root, { recursive: true, force: true })
  mkdirSync(sources, { recursive: true })
  unpack(gitDirectoryOf(suite), suite, sources)
  if (suite.folder !== undefined) {
    mkdirSync(dirname(folder), { recursive: true })
    renameSync(join(sources, suite.folder), folder)
  }
  install(folder, suite)
  addPublished(folder, suite)
  if (suite.prepare !== undefined) execFileSync(process.execPath, suite.prepare, { cwd: folder, stdio: 'inherit' })
  writeFileSync(mark, ready)
  return folder
}

function gitDirectoryOf({ repository, commit }: Suite): string {
  const [owner = '', name = ''] = repository.split('/')
  if (LOCAL !== undefined) {
    const local = join(LOCAL, `${owner}+${name}`, 'repo')
    return existsSync(join(local, '.git')) ? join(local, '.git') : local
  }
  const directory = join(FOLDER, 'git', `${owner}+${name}`)
  mkdirSync(directory, { recursive: true })
  const git = (...args: string[]): void => {
    execFileSync('git', ['--git-dir', directory, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  git('init', '--bare', '--quiet')
  git('fetch', '--quiet', '--depth', '1', `https://github.com/${repository}.git`, commit)
  return directory
}

function unpack(gitDirectory: string, { commit, without = [] }: Suite, into: string): void {
  const paths = without.map((path) => `:(exclude)${path}`)
  execFileSync('git', ['--git-dir', gitDirectory, '--work-tree', into, 'checkout', commit, '--', '.', ...paths], {
    env: { ...process.env, GIT_INDEX_FILE: join(into, '..', 'index') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Scripts of dependencies are not run: they download or compile what the tests here do not need. */
function install(folder: string, { needs }: Suite): void {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
    devDependencies?: Record<string, string>
    scripts?: unknown
    workspaces?: unknown
  }
  if (needs !== undefined) {
    const inRange = (name: string): [string, string] => {
      const [, packageName = name, range] = /^(@?[^@]+)@(.+)$/.exec(name) ?? []
      return [packageName, range ?? manifest.devDependencies?.[packageName] ?? '*']
    }
    manifest.devDependencies = Object.fromEntries(needs.map(inRange))
  }
  delete manifest.scripts
  writeFileSync(file, JSON.stringify(manifest, null, 2))
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps']
  execFileSync('npm', [...args, '--no-package-lock', '--loglevel=error'], { stdio: ['ignore', 'ignore', 'inherit'] })
}

function addPublished(folder: string, { name, version, published = [] }: Suite): void {
  if (published.length === 0) return
  const packed = execFileSync('npm', ['pack', `${name}@${version}`, '--silent'], { cwd: folder, encoding: 'utf8' })
  const paths = published.map((path) => `package/${path}`)
  execFileSync('tar', ['-xzf', packed.trim(), '--strip-components=1', ...paths], { cwd: folder })
}
