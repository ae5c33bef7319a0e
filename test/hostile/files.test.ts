import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readOwnFile, readTextFile } from '../../src/base/environment.ts'
import { readRegularFile } from '../../src/base/regular-file.ts'
import { readClientTls } from '../../src/export/client-tls.ts'
import { Records } from '../../src/fleet/records.ts'
import { sweepBeside } from '../../src/fleet/sweep.ts'
import { findPackage } from '../../src/settings/package-identity.ts'
import { readServerTls } from '../../src/sideport/server-tls.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** What stands where a file is expected: reading it would never end, or fill the memory. */
const NO_FILES: Readonly<Record<string, (path: string) => void>> = {
  'a pipe': (path) => void assert.equal(spawnSync('mkfifo', [path]).status, 0),
  'a device': (path) => symlinkSync('/dev/zero', path),
  'a folder': (path) => mkdirSync(path),
  // Of 2⁴⁰ bytes and more, though it claims none.
  'a file of the kernel': (path) => symlinkSync('/proc/self/pagemap', path),
  'a gigabyte': (path) => {
    writeFileSync(path, '')
    truncateSync(path, 2 ** 30)
  },
}

const onWindows = process.platform === 'win32' && 'there are no such files'

for (const [label, make] of Object.entries(NO_FILES)) {
  const skip = onWindows || (label.includes('kernel') && !existsSync('/proc/self/pagemap') && 'there is none')
  test(`${label} in place of a file is not read`, { skip, timeout: 20_000 }, async (t: TestContext) => {
    const folder = temporaryFolder(t, 'files')
    const path = join(folder, 'file')
    make(path)
    assert.throws(() => readRegularFile(path), /file is (?:not a regular file|larger than 1 MiB)$/)
    assert.throws(
      () => readServerTls({ certificateFile: path, keyFile: path, clientCaFile: undefined }),
      /OBS_SIDE_PORT_TLS_CERT cannot/,
    )
    assert.throws(() => readClientTls({ certificateFile: path }), /^Error: OTEL_EXPORTER_OTLP_CERTIFICATE: /)
    for (const read of [readTextFile, readOwnFile]) {
      if (label === 'a gigabyte' || label.includes('kernel')) assert.throws(() => read(path), /larger than 1 MiB/)
      else assert.equal(read(path), undefined)
    }
    const fleet = temporaryFolder(t, 'files')
    make(join(fleet, 'retired'))
    make(join(fleet, 'member-4194300-1'))
    const records = new Records(fleet)
    assert.equal(await records.readRetired(), undefined)
    assert.equal(await records.read('4194300-1'), undefined)
  })
}

for (const variable of ['OTEL_CONFIG_FILE', 'OBS_ENV_FILE']) {
  test(`${variable} names a folder: a line says that it is no file`, async (t) => {
    const { code, stderr } = await runNode(t, {
      nodeArgsAfter: ['-e', '0'],
      env: { [variable]: temporaryFolder(t, 'files'), OTEL_METRICS_EXPORTER: 'none' },
    })
    assert.equal(code, 0)
    assert.match(stderr, new RegExp(`${variable}.*it is not a regular file`))
  })
}

test('a folder that a link in the folder of fleets leads to is not swept', { skip: onWindows }, async (t) => {
  const others = temporaryFolder(t, 'files')
  const parent = temporaryFolder(t, 'files')
  writeFileSync(join(others, 'important'), '')
  utimesSync(others, 0, 0)
  symlinkSync(others, join(parent, 'linked'))
  await sweepBeside(join(parent, 'own'))
  assert.ok(existsSync(join(others, 'important')))
})

function packageOf(manifest: object): unknown {
  return findPackage({
    mainScript: undefined,
    cwd: '/app',
    readFile: (path) => (path === '/app/package.json' ? JSON.stringify(manifest) : undefined),
    realPath: (path) => path,
  })
}

test('names and versions in package.json are limited in length', () => {
  assert.equal(packageOf({ name: 'x'.repeat(1_000_000) }), undefined)
  assert.deepEqual(packageOf({ name: 'a', version: '1'.repeat(1000) }), { name: 'a', version: undefined })
})

test(
  'a .env that names a device as the certificate of the side port does not hold up the start',
  { skip: onWindows },
  async (t) => {
    const folder = temporaryFolder(t, 'files')
    writeFileSync(join(folder, '.env'), 'OBS_SIDE_PORT_TLS_CERT=/dev/zero\nOBS_SIDE_PORT_TLS_KEY=/dev/zero\n')
    const { stdout, stderr, code } = await runNode(t, {
      nodeArgs: ['--max-old-space-size=200'],
      app: 'use-end.mjs',
      args: ['natural'],
      cwd: folder,
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
    })
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '')
  },
)
