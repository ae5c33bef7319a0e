import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

/**
 * The Node versions that tests run on: the one that runs the tests, and with `OBS_TEST_MATRIX` those of
 * test/matrix/package.json (`npm run test:matrix` installs them and runs). `1`, as in continuous integration, takes all of
 * them for what sees Node's inside, and the lowest alone, with part of the rows, beside the current one for the rest; `all` takes
 * all for all.
 */
export interface NodeVersion {
  readonly label: string
  readonly execPath: string
}

const LOWEST = '22.15'
const MATRIX = [
  { label: LOWEST, folder: 'node22.15' },
  { label: '22', folder: 'node22' },
  { label: '26', folder: 'node26' },
]

export const CURRENT_NODE: NodeVersion = {
  label: process.versions.node.split('.')[0] ?? '',
  execPath: process.execPath,
}

export function nodeVersions(): readonly NodeVersion[] {
  if (process.env['OBS_TEST_MATRIX'] === undefined) return [CURRENT_NODE]
  const others = MATRIX.map(({ label, folder }) => ({
    label,
    execPath: join(ROOT, 'test', 'matrix', 'node_modules', folder, 'bin', 'node'),
  }))
  const missing = others.filter(({ execPath }) => !existsSync(execPath))
  if (missing.length > 0) {
    throw new Error(`Node ${missing.map(({ label }) => label).join(', ')} not installed: npm run test:matrix`)
  }
  return [...others, CURRENT_NODE].toSorted((a, b) => Number(a.label) - Number(b.label))
}

/** Returns the versions for tests whose results differ little between versions of Node.js. */
export function edgeNodeVersions(): readonly NodeVersion[] {
  const versions = nodeVersions()
  if (process.env['OBS_TEST_MATRIX'] === 'all') return versions
  return versions.filter((version) => version.label === LOWEST || version === CURRENT_NODE)
}

/** Returns the current version alone, for tests in which other versions prove nothing more, or all if `OBS_TEST_MATRIX=all`. */
export function currentNodeVersion(): readonly NodeVersion[] {
  return process.env['OBS_TEST_MATRIX'] === 'all' ? nodeVersions() : [CURRENT_NODE]
}

/** Returns one version of each major, and the lowest supported one: later versions of its major differ little from it. */
export function majorNodeVersions(): readonly NodeVersion[] {
  const versions = nodeVersions()
  return process.env['OBS_TEST_MATRIX'] === 'all' ? versions : versions.filter(({ label }) => label !== '22')
}

/**
 * Returns the rows of a table that a version is tried with, for tables whose rows differ in what the app does rather than in
 * what Node.js does. The current version is tried with all rows. Each other one is tried with every third row, and with all of
 * them if `OBS_TEST_MATRIX=all`.
 */
export function rowsOn<Row>(version: NodeVersion, rows: readonly Row[]): readonly Row[] {
  if (version === CURRENT_NODE || process.env['OBS_TEST_MATRIX'] === 'all') return rows
  return rows.filter((_, index) => index % 3 === 0)
}

/** Returns a version below the supported range, if this machine has one outside node_modules. */
export function unsupportedNode(): NodeVersion | undefined {
  for (const execPath of ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path))) {
    const label = execFileSync(execPath, ['-p', 'process.versions.node'], { env: {} }).toString().trim()
    if (Number(label.split('.')[0]) < 22) return { label, execPath }
  }
  return undefined
}
