import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { edgeNodeVersions } from '../support/matrix.ts'
import { copyPackage } from '../support/package-copy.ts'
import type { RunResult } from '../support/running-process.ts'
import { type NodeOptions, runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Says after the start what became of the code that was kept, and what an app could see of it. */
const WATCH = `
const vm = require('node:vm')
const seen = { taken: 0, refused: 0, compiled: 0 }
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options)
    const kind = options.cachedData === undefined ? 'compiled' : this.cachedDataRejected ? 'refused' : 'taken'
    if (options.filename.includes('dist')) seen[kind] += 1
  }
}
process.on('exit', () => console.log(JSON.stringify(seen)))
`
const APP = `
require('node:http')
const { getCompileCacheDir } = require('node:module')
const own = Object.keys(require.cache).filter((path) => path.includes('dist'))
console.log(JSON.stringify({ folder: getCompileCacheDir() ?? null, own: own.length > 5 && own.every((path) => require.cache[path].loaded) }))
// On a busy machine it would live until the side port is there, and load more.
process.exit()
`

interface Seen {
  readonly taken: number
  readonly refused: number
  readonly compiled: number
}

interface Case {
  readonly cache: string
  readonly run: (options?: NodeOptions) => Promise<RunResult & { readonly seen: Seen | undefined }>
}

function caseOf(t: TestContext): Case {
  const folder = temporaryFolder(t, 'compiled')
  const [watch, app, home] = [join(folder, 'watch.cjs'), join(folder, 'app.cjs'), join(folder, 'home')]
  writeFileSync(watch, WATCH)
  writeFileSync(app, APP)
  mkdirSync(home)
  return {
    cache: join(home, '.cache', 'paxx-obs'),
    async run(options = {}) {
      const result = await runNode(t, {
        app,
        ...options,
        nodeArgs: ['--require', watch, ...(options.nodeArgs ?? [])],
        env: {
          HOME: home,
          OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
          OTEL_EXPORTER_PROMETHEUS_PORT: '0',
          ...options.env,
        },
      })
      assert.deepEqual([result.code, result.stderr], [0, ''])
      const [first = '', last = ''] = result.stdout.trim().split('\n')
      assert.deepEqual(JSON.parse(first), { folder: null, own: true })
      return { ...result, seen: last === '' ? undefined : (JSON.parse(last) as Seen) }
    },
  }
}

const filesIn = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name))

function onlyFileIn(folder: string): string {
  const [file, ...others] = filesIn(folder)
  assert.ok(file !== undefined && others.length === 0, `${others.length} more`)
  return file
}

for (const { label, execPath } of edgeNodeVersions()) {
  test(`Node ${label}: the second start compiles nothing, and the app's modules are not cached`, async (t) => {
    const { cache, run } = caseOf(t)
    const first = await run({ execPath })
    assert.equal(first.seen?.taken, 0)
    assert.ok(first.seen.compiled > 5)
    const file = onlyFileIn(cache)
    assert.deepEqual([lstatSync(cache).mode & 0o777, lstatSync(file).mode & 0o777], [0o700, 0o600])
    assert.ok(!readFileSync(file, 'latin1').includes('app.cjs'))
    const written = statSync(file).mtimeMs
    const second = await run({ execPath })
    assert.deepEqual(second.seen, { taken: first.seen.compiled, refused: 0, compiled: 0 })
    assert.equal(statSync(file).mtimeMs, written, 'it is written once')
  })
}

test('other versions of the code, other flags and other versions of Node.js have separate files', async (t) => {
  const { cache, run } = caseOf(t)
  await run()
  const flags = await run({ nodeArgs: ['--max-semi-space-size=4'] })
  assert.equal(flags.seen?.taken, 0)
  const { folder, register } = copyPackage(t)
  assert.equal((await run({ register })).seen?.taken, 0)
  assert.equal(filesIn(cache).length, 3)
  assert.ok(((await run({ register })).seen?.taken ?? 0) > 5)
  // Somebody changes a line of an installed file.
  const chunk = join(folder, 'dist', 'stages.cjs')
  writeFileSync(chunk, readFileSync(chunk, 'utf8').replace('use strict', 'use strict'))
  utimesSync(chunk, 1, 1)
  const changed = await run({ register })
  assert.equal(changed.seen?.compiled, 1)
  assert.equal((await run({ register })).seen?.compiled, 0)
})

test('a file that V8 rejects is replaced, but not each time that two processes alternate', async (t) => {
  const { cache, run } = caseOf(t)
  await run()
  const file = onlyFileIn(cache)
  // The flag that Node does not tell: V8 refuses, and the key is the same.
  const bytes = readFileSync(file)
  const at = bytes.indexOf(Buffer.from([0xde, 0xc0]))
  assert.ok(at > 0, 'the magic number of V8')
  const refused = Buffer.from(bytes.toString('latin1').replaceAll('\xde\xc0', '\xde\xc1'), 'latin1')
  writeFileSync(file, refused)
  assert.ok(((await run()).seen?.refused ?? 0) > 0)
  assert.ok(readFileSync(file).equals(refused), 'it is young')
  utimesSync(file, 1, 1)
  await run()
  assert.equal((await run()).seen?.refused, 0)
})

const DAMAGES: readonly (readonly [label: string, damage: (file: string) => void])[] = [
  ['is empty', (file) => truncateSync(file)],
  ['is cut', (file) => truncateSync(file, statSync(file).size - 1000)],
  ['is zeros', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  [
    'has changed bytes all over',
    (file) => {
      const bytes = readFileSync(file)
      for (let at = 5000; at < bytes.length; at += 997) bytes[at] = (bytes[at] ?? 0) ^ 0x55
      writeFileSync(file, bytes)
    },
  ],
  [
    'is a folder',
    (file) => {
      renameSync(file, `${file}.old`)
      mkdirSync(file)
    },
  ],
]

for (const [label, damage] of DAMAGES) {
  test(`a file that ${label} is not used, and the app runs`, async (t) => {
    const { cache, run } = caseOf(t)
    const { seen } = await run()
    damage(onlyFileIn(cache))
    assert.deepEqual((await run()).seen, seen)
  })
}

const isRoot = process.geteuid?.() === 0
const UNTRUSTED: readonly (readonly [
  label: string,
  make: (cache: string, file: string) => void,
  needsRoot?: boolean,
])[] = [
  ['a folder that others may write to', (cache) => chmodSync(cache, 0o777)],
  ['a file that its group may write to', (_, file) => chmodSync(file, 0o620)],
  [
    'a link to a folder',
    (cache) => {
      renameSync(cache, `${cache}-elsewhere`)
      symlinkSync(`${cache}-elsewhere`, cache)
    },
  ],
  [
    'a link to a file',
    (_, file) => {
      renameSync(file, `${file}.elsewhere`)
      symlinkSync(`${file}.elsewhere`, file)
    },
  ],
  ["another user's folder", (cache) => chownSync(cache, 65_534, 65_534), true],
  ["another user's file", (_, file) => chownSync(file, 65_534, 65_534), true],
]

for (const [label, make, needsRoot = false] of UNTRUSTED) {
  test(`${label} is not read`, { skip: needsRoot && !isRoot && 'only root gives files away' }, async (t) => {
    const { cache, run } = caseOf(t)
    await run()
    make(cache, onlyFileIn(cache))
    const { seen } = await run()
    assert.deepEqual([seen?.taken, seen?.refused], [0, 0])
  })
}

const WITHOUT: readonly (readonly [label: string, options: NodeOptions])[] = [
  ['OBS_COMPILE_CACHE=false', { env: { OBS_COMPILE_CACHE: 'false' } }],
  ['no home', { env: { HOME: undefined, XDG_CACHE_HOME: undefined } }],
  ['a home that is no folder', { env: { HOME: '/dev/null' } }],
  ['a relative home', { env: { HOME: 'here', XDG_CACHE_HOME: 'there' } }],
  ['coverage', { env: { NODE_V8_COVERAGE: '/tmp/obs-coverage-of-nothing/x' } }],
]

for (const [label, options] of WITHOUT.slice(0, 4)) {
  test(`${label}: nothing is cached, and nothing is logged`, async (t) => {
    const { cache, run } = caseOf(t)
    await run(options)
    await run(options)
    assert.ok(!existsSync(cache))
  })
}

test('a configured folder is used, and one that cannot be created is ignored', async (t) => {
  const { cache, run } = caseOf(t)
  const chosen = join(temporaryFolder(t, 'chosen'), 'a', 'b')
  await run({ env: { OBS_COMPILE_CACHE: chosen } })
  onlyFileIn(chosen)
  assert.equal((await run({ env: { OBS_COMPILE_CACHE: chosen } })).seen?.compiled, 0)
  await run({ env: { OBS_COMPILE_CACHE: '/proc/nowhere' } })
  assert.ok(!existsSync(cache))
})

test('eight concurrent starts leave one complete file', async (t) => {
  const { cache, run } = caseOf(t)
  await Promise.all(Array.from({ length: 8 }, () => run()))
  onlyFileIn(cache)
  assert.ok(((await run()).seen?.taken ?? 0) > 5)
})

test('there are at most sixteen files, and incomplete ones are deleted', async (t) => {
  const { cache, run } = caseOf(t)
  await run()
  for (let i = 0; i < 30; i++) {
    const old = join(cache, `old${i}.bin`)
    writeFileSync(old, '')
    utimesSync(old, 1000 + i, 1000 + i)
  }
  const half = join(cache, 'half.bin.1.tmp')
  writeFileSync(half, '')
  utimesSync(half, 1, 1)
  writeFileSync(join(cache, 'not-ours.txt'), '')
  await run({ nodeArgs: ['--stack-size=900'] })
  const names = readdirSync(cache)
  assert.equal(names.filter((name) => name.endsWith('.bin')).length, 16)
  assert.ok(!existsSync(half))
  assert.ok(names.includes('not-ours.txt') && names.includes('old29.bin') && !names.includes('old0.bin'))
})

test('paxx-obs warm: an image contains the code for every user and home', async (t) => {
  const { cache, run } = caseOf(t)
  const { folder, register } = copyPackage(t)
  const cli = join(folder, 'register', 'cli.cjs')
  const warmed = await runNode(t, {
    preload: 'none',
    nodeArgs: [cli, 'warm'],
    env: { NODE_OPTIONS: '--max-old-space-size=300' },
  })
  assert.match(warmed.stdout, /^\d{3,4} kB of compiled code in .*compiled$/m)
  assert.deepEqual([warmed.code, warmed.stderr], [0, ''])
  const compiled = join(folder, 'dist', 'compiled')
  const file = onlyFileIn(compiled)
  assert.deepEqual([lstatSync(compiled).mode & 0o777, lstatSync(file).mode & 0o777], [0o755, 0o644])
  const { seen } = await run({ register, env: { HOME: undefined } })
  assert.deepEqual([seen?.compiled, seen?.refused], [0, 0])
  assert.ok(!existsSync(cache))
})

test('paxx-obs warm reports why it failed', async (t) => {
  const { folder } = copyPackage(t)
  writeFileSync(join(folder, 'dist', 'compiled'), '')
  chmodSync(folder, 0o500)
  writeFileSync(join(folder, 'dist', 'loader.cjs'), 'throw new Error("broken")')
  const nodeArgs = [join(folder, 'register', 'cli.cjs'), 'warm']
  const { code, stdout, stderr } = await runNode(t, { preload: 'none', nodeArgs })
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^paxx-obs: no compiled code in .*compiled: .+\n$/)
})
