/**
 * `node scripts/bundled-frameworks.ts [name…]`: installs, builds and starts apps of frameworks that need a build, in a
 * temporary folder, each bare and under the preload as it would be installed. Writes the results into the rows of
 * docs/frameworks.md. Takes minutes and hundreds of megabytes, so CI does not run it.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { BUNDLED, type BundledApp } from '../test/support/bundled-apps.ts'
import { answersOf, expectedOf } from '../test/support/framework-run.ts'
import { freePort } from '../test/support/free-port.ts'
import type { ReceivedSpan } from '../test/support/otlp-decode.ts'
import { OtlpReceiver } from '../test/support/otlp-receiver.ts'
import { ROOT } from '../test/support/paths.ts'
import { startNode } from '../test/support/run-node.ts'
import { eventually } from '../test/support/eventually.ts'
import { splitStderr } from '../test/support/own-lines.ts'

const PAGE = join(ROOT, 'docs', 'frameworks.md')
const BEGIN = '<!-- built -->\n'
const END = '<!-- end of built -->\n'

const ends: (() => unknown)[] = []
const t = { after: (end: () => unknown) => void ends.push(end) }

function installed({ folder, versions = {}, build, env, after = [] }: BundledApp, tarball: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'obs-built-'))
  ends.push(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(join(ROOT, 'test', 'matrix', folder), copy, {
    recursive: true,
    filter: (path) => !/node_modules|package-lock\.json$/.test(path.slice(ROOT.length)),
  })
  const run = (command: string, ...args: string[]): unknown =>
    execFileSync(command, args, {
      cwd: copy,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...QUIET, ...env },
    })
  const changed = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  run('npm', 'install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error', tarball, ...changed)
  run('npx', ...build)
  for (const [from, to] of after) cpSync(join(copy, from), join(copy, to), { recursive: true })
  return copy
}

const QUIET = { ASTRO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' }

interface Seen {
  readonly answers: readonly unknown[]
  /** The app's lines, and those of this package except the first. */
  readonly stderr: readonly string[]
}

async function seen(app: BundledApp, cwd: string, endpoint: string | undefined): Promise<Seen> {
  const port = String(await freePort())
  const running = startNode(t, {
    cwd,
    timeoutMs: 120_000,
    preload: endpoint === undefined ? 'none' : 'import',
    register: join(cwd, 'node_modules/@paxx/obs/register/index.cjs'),
    nodeArgsAfter: app.start(port),
    env: {
      ...QUIET,
      NODE_ENV: 'production',
      PORT: port,
      HOST: '127.0.0.1',
      NITRO_HOST: '127.0.0.1',
      HOSTNAME: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ...(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    },
  })
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/__up`).then(
      () => true,
      () => false,
    )
  await eventually(isUp, 30_000)
  const answers = await answersOf(Number(port), app.requests)
  if (endpoint === undefined) {
    running.kill()
    await running.exited
  }
  // Some frameworks write the time before each line.
  const { own, app: others } = splitStderr(
    running.stderr.replaceAll(/^\d\d:\d\d:\d\d /gm, '').replaceAll(`:${port}/`, ':PORT/'),
  )
  return { answers, stderr: [...own.slice(1), ...others] }
}

/** The value in the queries of the requests. */
const SECRET = 'hidden'
const TODAY = new Date().toISOString().slice(0, 10)

function textOf(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function isUp({ kind, attributes }: ReceivedSpan): boolean {
  return kind === 'server' && attributes['url.path'] === '/__up'
}

function isAsked({ kind, attributes }: ReceivedSpan): boolean {
  return kind === 'server' && attributes['url.path'] !== '/__up'
}

async function rowOf(app: BundledApp, tarball: string): Promise<string> {
  const cwd = installed(app, tarball)
  const bare = await seen(app, cwd, undefined)
  const receiver = await OtlpReceiver.start(t)
  const { answers, stderr } = await seen(app, cwd, receiver.grpcUrl)
  const expected = app.requests.map((each) => expectedOf(each))
  const spans = await receiver.waitForSpans((all) => all.filter(isAsked).length >= expected.length)
  const servers = spans.filter(isAsked).toSorted((a, b) => Number(a.startNanos - b.startNanos))
  const right = expected.filter(({ name, route }, at) =>
    isDeepStrictEqual([servers[at]?.name, servers[at]?.attributes['http.route']], [name, route]),
  ).length
  for (const [at, { name }] of expected.entries()) {
    if (servers[at]?.name !== name) console.error(`${app.name}: ${servers[at]?.name} instead of ${name}`)
  }
  const equal = answers.filter((each, at) => isDeepStrictEqual(each, bare.answers[at])).length
  for (const [at, each] of answers.entries()) {
    if (!isDeepStrictEqual(each, bare.answers[at]))
      console.error(`${app.name}: differs from bare`, bare.answers[at], each)
  }
  const lines = stderr.filter((line) => !bare.stderr.includes(line))
  for (const line of lines) console.error(`${app.name}: on stderr: ${line}`)
  const plain = spans.filter((span) => JSON.stringify({ ...span, scope: '' }, textOf).includes(SECRET))
  for (const span of plain) console.error(`${app.name}: in plain:`, span.name, span.attributes)
  const others = spans.filter(({ kind }) => kind === 'server').length - spans.filter(isUp).length - expected.length
  const below = spans.filter(({ kind }) => kind !== 'server').map(({ name }) => name)
  console.error(`${app.name}: spans below: ${[...new Set(below)].join(', ')}`)
  const columns = [expected.length, right, equal, others, lines.length, plain.length, TODAY]
  return `| ${app.name} | ${columns.join(' | ')} |`
}

const wanted = process.argv.slice(2)
const rows: string[] = []
try {
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', tmpdir()], {
    cwd: ROOT,
  })
  const [{ filename }] = JSON.parse(packed.toString()) as [{ filename: string }]
  const tarball = join(tmpdir(), filename)
  const asked = BUNDLED.filter(({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)))
  for (const app of asked) {
    rows.push(await rowOf(app, tarball))
    console.log(rows.at(-1))
  }
} finally {
  for (const end of ends.toReversed()) await end()
}
const page = readFileSync(PAGE, 'utf8')
const before = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END))
const known = before.split('\n').filter((line) => /^\| .* \d{4}-\d\d-\d\d \|$/.test(line))
const nameOf = (row: string): string => row.split(' | ', 1)[0]?.slice(2) ?? ''
const byName = new Map([...known, ...rows].map((row) => [nameOf(row), row]))
const table = [
  `Installed, built and started as in production, on Node ${process.versions.node}:`,
  '',
  '| framework | requests | with the right route and name | answered as bare | other SERVER spans | lines on stderr beyond bare | spans with a secret in plain | seen on |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ...BUNDLED.flatMap(({ name }) => byName.get(name) ?? []),
  '',
].join('\n')
writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN) + BEGIN.length) + table + page.slice(page.indexOf(END)))
