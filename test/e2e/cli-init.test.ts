import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { CLI, startCli } from '../support/cli.ts'
import { findBinary } from '../support/services/find-binary.ts'
import { type RunResult, startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** `paxx-obs init` in projects of several shapes: what it adds, what it leaves, and that a second run changes nothing. */

type Files = Readonly<Record<string, string>>

function project(t: TestContext, files: Files): string {
  const folder = temporaryFolder(t, 'init')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

function contents(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]))
}

async function init(t: TestContext, cwd: string, ...args: string[]): Promise<RunResult> {
  return await startCli(t, ['init', ...args], { cwd }).exited
}

const MANIFEST = '{\n  "name": "@acme/shop",\n  "scripts": {\n    "start": "node app.js"\n  }\n}\n'

const SHAPES: readonly {
  readonly what: string
  readonly files: Files
  readonly cwd?: string
  readonly args?: readonly string[]
  /** Each file that is new or changed. */
  readonly changed: readonly string[]
  readonly next?: string
}[] = [
  {
    what: 'npm',
    files: { 'package.json': MANIFEST, 'package-lock.json': '{}' },
    changed: ['.env.example', 'compose.yaml', 'package.json'],
    next: 'npm install',
  },
  {
    what: 'a package of a pnpm workspace with the compose file at its root',
    files: {
      'pnpm-workspace.yaml': 'packages: [apps/*]\n',
      'pnpm-lock.yaml': '',
      'package.json': '{"name":"root"}',
      'docker-compose.yml': 'services:\n  db:\n    image: postgres # 16\n',
      'apps/shop/package.json': MANIFEST,
    },
    cwd: 'apps/shop',
    changed: ['apps/shop/.env.example', 'apps/shop/package.json', 'docker-compose.yml'],
    next: 'pnpm install',
  },
  {
    what: 'everything, with CRLF, a .env without a line end, a Jaeger of its own and all wishes',
    files: {
      'package.json': MANIFEST.replaceAll('\n', '\r\n'),
      '.env': 'A=1\r\nSECRET=hush',
      '.env.example': 'A=\r\n',
      'compose.yml':
        'x-a: &a\r\n  restart: always # yes\r\nservices:\r\n  jaeger:\r\n    <<: *a\r\n    image: jaegertracing/jaeger:2.4.0\r\n',
      Dockerfile: 'FROM node:24\r\nCMD ["node", "app.js"]\r\n',
      'yarn.lock': '',
    },
    args: ['--grafana', '--docker', '--kubernetes'],
    changed: [
      '.env',
      '.env.example',
      'Dockerfile',
      'compose.yml',
      'kubernetes/obs-patch.yaml',
      'observability/grafana/dashboards/obs.json',
      'observability/grafana/provisioning/dashboards/obs.yaml',
      'observability/grafana/provisioning/datasources/obs.yaml',
      'observability/prometheus/prometheus.yml',
      'observability/prometheus/rules.yml',
      'package.json',
    ],
    next: 'yarn install',
  },
]

for (const { what, files, cwd = '', args = [], changed, next } of SHAPES) {
  test(`${what}: shown, applied, and done`, async (t) => {
    const folder = project(t, files)
    const before = contents(folder)
    const shown = await init(t, join(folder, cwd), '--dry-run', ...args)
    assert.equal(shown.code, 0)
    assert.match(shown.stdout, /^\+.*@paxx\/obs/m)
    assert.doesNotMatch(shown.stdout, /hush/, 'what a .env holds is not shown')
    assert.deepEqual(contents(folder), before)

    const applied = await init(t, join(folder, cwd), '--yes', '--json', ...args)
    assert.deepEqual([applied.code, applied.stderr], [0, ''])
    const report = JSON.parse(applied.stdout) as { applied: boolean; next: readonly string[] }
    assert.deepEqual([report.applied, report.next[0]], [true, next])
    assert.equal(report.next.includes('cp .env.example .env'), !('.env' in files))
    const after = contents(folder)
    assert.deepEqual(
      Object.keys(after).filter((name) => after[name] !== before[name]),
      changed,
    )
    for (const name of changed) {
      if (before[name]?.includes('\r\n') === true) assert.doesNotMatch(after[name] ?? '', /[^\r]\n/, name)
    }
    assert.match(after[join(cwd, '.env.example')] ?? '', /^OTEL_SERVICE_NAME=@acme\/shop\r?$/m)

    const again = await init(t, join(folder, cwd), '--yes', ...args)
    assert.equal(again.code, 0)
    assert.match(again.stdout, /^Nothing to change\.$/m)
    assert.deepEqual(contents(folder), after)
  })
}

test('without a terminal and without --yes, nothing is changed and the exit code is not 0', async (t) => {
  const folder = project(t, { 'package.json': MANIFEST })
  const { code, stdout, stderr } = await init(t, folder)
  assert.equal(code, 3)
  assert.match(stdout, /^\+ {4}"start": "node --import @paxx\/obs\/register app.js"$/m)
  assert.match(stderr, /^paxx-obs: nothing was changed, .*--yes/)
  assert.deepEqual(contents(folder), { 'package.json': MANIFEST })
})

test('no package.json: one line', async (t) => {
  const folder = project(t, {})
  const { code, stdout, stderr } = await init(t, folder, '--yes')
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^paxx-obs: no package\.json in .*\n$/)
  assert.deepEqual(contents(folder), {})
})

test('files that cannot be edited are not changed, and the others are', async (t) => {
  const compose = 'services: {a: {image: b}}\n'
  const folder = project(t, { 'package.json': MANIFEST, 'compose.yaml': compose })
  const { code, stderr } = await init(t, folder, '--yes', '--docker')
  assert.equal(code, 1)
  assert.deepEqual(stderr.trim().split('\n'), [
    'paxx-obs: compose.yaml has "services" in braces; it is not changed',
    'paxx-obs: Dockerfile does not exist: run it again once you have one; it is not changed',
  ])
  const after = contents(folder)
  assert.equal(after['compose.yaml'], compose)
  assert.match(after['package.json'] ?? '', /"@paxx\/obs"/)
})

test('file modes and symbolic links are kept', async (t) => {
  const folder = project(t, { 'package.json': MANIFEST, 'shared/env': 'A=1\n' })
  symlinkSync('shared/env', join(folder, '.env'))
  chmodSync(join(folder, 'shared/env'), 0o600)
  chmodSync(join(folder, 'package.json'), 0o664)
  assert.equal((await init(t, folder, '--yes')).code, 0)
  assert.ok(lstatSync(join(folder, '.env')).isSymbolicLink())
  assert.match(readFileSync(join(folder, 'shared/env'), 'utf8'), /^A=1\n[\s\S]*METRICS_ENABLED=true/)
  assert.equal(statSync(join(folder, 'shared/env')).mode & 0o777, 0o600)
  assert.equal(statSync(join(folder, 'package.json')).mode & 0o777, 0o664)
})

test('a broken symbolic link is refused', async (t) => {
  const folder = project(t, { 'package.json': MANIFEST })
  symlinkSync('gone', join(folder, '.env.example'))
  const { code, stderr } = await init(t, folder, '--yes')
  assert.equal(code, 1)
  assert.match(stderr, /\.env\.example is a symbolic link whose target does not exist/)
  assert.ok(lstatSync(join(folder, '.env.example')).isSymbolicLink())
})

test('a folder that is not writable: the reason is printed, and nothing is changed', async (t) => {
  const folder = project(t, { 'package.json': MANIFEST })
  chmodSync(folder, 0o555)
  const args = [CLI, 'init', '--yes']
  // Root may write everywhere, unless this capability is taken from it.
  const setpriv = findBinary('setpriv')
  if (process.getuid?.() === 0 && setpriv === undefined) return t.skip('root without setpriv')
  const capability = '-dac_override,-dac_read_search'
  const isRoot = process.getuid?.() === 0
  const [command, ...before] = isRoot
    ? [setpriv as string, '--bounding-set', capability, '--inh-caps', capability, process.execPath]
    : [process.execPath]
  const { code, stderr } = await startProcess(t, command as string, [...before, ...args], { cwd: folder }).exited
  chmodSync(folder, 0o755)
  assert.equal(code, 1)
  assert.match(stderr, /^paxx-obs: package\.json is not writable \(EACCES\); it is not changed$/m)
  assert.deepEqual(contents(folder), { 'package.json': MANIFEST })
})

test('in a terminal: no changes nothing, yes applies the changes', async (t) => {
  const script = findBinary('script')
  if (script === undefined) return t.skip('script is not installed')
  const folder = project(t, { 'package.json': MANIFEST })
  for (const [answer, expected, exitCode] of [
    ['n', 1, 3],
    ['y', 3, 0],
  ] as const) {
    const command = `'${process.execPath}' '${CLI}' init`
    const asked: RunResult = await startProcess(t, script, ['-qec', command, '/dev/null'], {
      cwd: folder,
      stdin: `${answer}\n`,
      env: { TERM: 'xterm' },
    }).exited
    const { code, stdout } = asked
    assert.match(stdout, /Apply these changes\? \[y\/N\]/)
    assert.ok(stdout.includes('\u001B[32m+ '), 'in colour')
    assert.equal(Object.keys(contents(folder)).length, expected)
    assert.equal(code, exitCode)
  }
})

test('help fits 80 columns and lists the exit codes; a usage error is one line and exit code 2', async (t) => {
  const folder = project(t, {})
  for (const args of [['--help'], ['init', '--help']]) {
    const { code, stdout, stderr } = await startCli(t, args, { cwd: folder }).exited
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /Exit codes:/)
    assert.ok(stdout.split('\n').every((line) => line.length <= 80))
  }
  for (const args of [['initt'], ['init', '--dry'], []]) {
    const { code, stdout, stderr } = await startCli(t, args, { cwd: folder }).exited
    assert.deepEqual([code, stdout], [2, ''])
    if (args.length > 0) assert.match(stderr, /^paxx-obs: unknown .*\n(\(Did you mean .*\)\n)?$/)
  }
})
