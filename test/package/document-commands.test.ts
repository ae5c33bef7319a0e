import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { parse } from 'yaml'
import { assignmentsOf, codeBlocks, commandsOf, DOCUMENTS, textOf } from '../support/documents.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { npm } from '../support/installed-tarball.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { type RunResult, startProcess } from '../support/running-process.ts'
import { httpGet, scrape } from '../support/scrape.ts'

/**
 * The commands of the documents do what the documents say. Those for an app run here as a reader runs them: in a folder
 * with an app of a few lines, in which the packed package was installed by npm. Each of the others is run by a test that
 * is named below, or has a reason and a check of its syntax.
 */

/** Serves one request and ends; with STAYS it serves until it is ended. */
const APP = `const http = require('node:http')
const server = http.createServer((request, response) => response.end('ok')).listen(process.env.PORT ?? 0, () => {
  if (process.env.STAYS === undefined) http.get({ port: server.address().port, agent: false }, (response) => response.resume().on('end', () => server.close()))
})
`
const MANIFEST = { name: 'shop', version: '1.4.0', scripts: { start: 'node app.js' } }

let base: string
let folder: string

before(() => {
  base = mkdtempSync(join(tmpdir(), 'obs-documents-'))
  const packed = npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', base)
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  folder = mkdtempSync(join(base, 'shop-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST))
  writeFileSync(join(folder, 'app.js'), APP)
  // `npm install @paxx/obs`, with the package of this repository in the registry's place.
  npm(folder, 'install', join(base, filename))
})
after(() => rmSync(base, { recursive: true }))

/** Runs a command in a shell, as a reader types it. There is no terminal to confirm anything. */
function start(t: TestContext, command: string, env: Readonly<Record<string, string>> = {}) {
  const bin = join(folder, 'node_modules', '.bin')
  const path = `${dirname(process.execPath)}:${bin}:${process.env['PATH']}`
  return startProcess(t, 'sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env: { ...env, PATH: path },
    timeoutMs: 60_000,
  })
}

async function endOf(t: TestContext, command: string, code: number, env = {}): Promise<RunResult> {
  const result = await start(t, command, env).exited
  assert.equal(result.code, code, `${command}: ${result.stdout}${result.stderr}`)
  return result
}

/** Runs a command with a collector in reach, and returns its end with the names of the exported spans. */
async function exported(t: TestContext, command: string): Promise<RunResult & { readonly spans: readonly string[] }> {
  const receiver = await OtlpReceiver.start(t)
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OBS_EXIT_FLUSH_TIMEOUT: '20000',
  }
  const result = await endOf(t, command, 0, env)
  return { ...result, spans: receiver.spans.map(({ name }) => name) }
}

const init =
  (...written: readonly RegExp[]) =>
  async (t: TestContext, command: string): Promise<void> => {
    const { stdout, stderr } = await endOf(t, command, 3)
    assert.match(stdout, /"start":\s*"node --import @paxx\/obs\/register app\.js"/)
    for (const pattern of written) assert.match(stdout + stderr, pattern)
    assert.match(stderr, /--yes applies the changes/)
  }

const doctor =
  (...found: readonly RegExp[]) =>
  async (t: TestContext, command: string): Promise<void> => {
    const { stdout } = await exported(t, command)
    for (const pattern of found) assert.match(stdout, pattern)
  }

/** Commands that differ from another one in what other tests hold, so that they run with the whole matrix. */
const OF_WHOLE_MATRIX: ReadonlySet<string> = new Set([
  'paxx-obs init --docker',
  'paxx-obs init --kubernetes',
  'paxx-obs init --grafana',
  'paxx-obs doctor -- node app.js',
])
const isWhole = process.env['OBS_TEST_MATRIX'] === 'all'

/** The commands that run here. `npx` finds the installed package as the shell's path does, and is itself tried once. */
const RUN: Readonly<Record<string, (t: TestContext, command: string) => Promise<void>>> = {
  'npm install @paxx/obs': () => Promise.resolve(assert.ok(existsSync(join(folder, 'node_modules/@paxx/obs')))),
  'node --import @paxx/obs/register app.js': servesWhatTheStartLineSays,
  'npx --package=@paxx/obs paxx-obs init': init(/^\+\+\+ compose\.yaml$/m, /jaegertracing/, /^\+\+\+ \.env\.example$/m),
  'paxx-obs init': init(/^\+\+\+ compose\.yaml$/m),
  'paxx-obs init --docker': init(/Dockerfile does not exist/),
  'paxx-obs init --kubernetes': init(/^\+kind: Deployment|^\+ +containers:/m),
  'paxx-obs init --grafana': init(/^\+\+\+ observability\/grafana\/dashboards\/obs\.json$/m),
  'paxx-obs init --help': async (t, command) => {
    const { stdout } = await endOf(t, command, 0)
    for (const option of ['--prometheus', '--grafana', '--docker', '--kubernetes'])
      assert.match(stdout, new RegExp(option))
  },
  'paxx-obs --help': async (t, command) => {
    const { stdout } = await endOf(t, command, 0)
    for (const name of ['init', 'doctor', 'settings', 'warm', 'run'])
      assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
  },
  'paxx-obs settings': async (t, command) => {
    const { stdout } = await endOf(t, command, 0, { OTEL_LOG_LEVEL: 'warn' })
    assert.match(stdout, /^ +OTEL_LOG_LEVEL=warn +environment$/m)
    assert.match(stdout, /^ +OTEL_SERVICE_NAME=shop +package\.json$/m)
  },
  'paxx-obs doctor': doctor(/collector|export/i),
  'paxx-obs doctor -- npm start': doctor(/npm start/, /ended with code 0/),
  'paxx-obs doctor -- node app.js': doctor(/node app\.js/, /ended with code 0/),
  'paxx-obs warm': async (t, command) => {
    const { stdout } = await endOf(t, command, 0)
    assert.match(stdout, /kB of compiled code in /)
    const compiled = globSync('node_modules/@paxx/obs/dist/compiled/**/*', { cwd: folder })
    assert.ok(compiled.length > 0)
  },
  'paxx-obs run app.js': async (t, command) => {
    const { spans } = await exported(t, command)
    assert.deepEqual(spans.toSorted(), ['GET', 'GET'])
  },
}

async function servesWhatTheStartLineSays(t: TestContext, command: string): Promise<void> {
  const receiver = await OtlpReceiver.start(t)
  const [port, sidePort] = [await freePort(), await freePort()]
  const running = start(t, command, {
    PORT: String(port),
    STAYS: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(sidePort),
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
  await eventually(async () => (await httpGet(`http://127.0.0.1:${port}/`)).status === 200)
  const [line] = await running.waitFor(/^@paxx\/obs: .*$/m, 'stderr')
  const [documented] = /^@paxx\/obs: shop .*$/m.exec(textOf('README.md')) ?? ['']
  assert.equal(line.replace(receiver.grpcUrl, 'http://localhost:4317').replaceAll(String(sidePort), '9464'), documented)
  assert.ok((await scrape(sidePort)).sum('http_requests_total') >= 1)
  assert.match((await httpGet(`http://localhost:${sidePort}/`, { accept: 'text/html' })).body, /<html/)
  await receiver.waitForSpans((spans) => spans.some(({ name, kind }) => name === 'GET' && kind === 'server'))
  running.kill('SIGTERM')
  assert.equal((await running.exited).signal, 'SIGTERM')
}

/** Files of this repository that run the commands which a pattern matches. */
const RUN_BY: readonly (readonly [command: RegExp, file: string, shows: RegExp])[] = [
  [/^npm ci$/, '.ci/run', /^npm ci /m],
  [/^npm ci --prefix (?:test\/tools|test\/clients)$/, '.ci/run', /^test\/tools\ntest\/clients$/m],
  [/^npm test$/, '.ci/run', /^npm test$/m],
  [/^npm run build$/, '.ci/run', /^npm run build$/m],
  [/^npm run typecheck$/, '.ci/run', /^npm run typecheck$/m],
  [/^npm run lint$/, '.ci/run', /^npm run lint$/m],
  [/^npm run format$/, '.ci/run', /^npm run format:check$/m],
  [/^npm run knip$/, '.ci/run', /^npm run knip$/m],
  [/^npm run demo$/, 'test/e2e/demo.test.ts', /scripts\['demo'\]/],
  [/^node scripts\/configuration\.ts$/, 'test/unit/scripts/generated.test.ts', /withSettingsTable/],
  [/next start$/, 'test/support/bundled-apps.ts', /next/],
  [/^node --import @paxx\/obs\/register server\.js$/, 'test/shipping/standalone.test.ts', /standalone/],
  [/^pnpm --filter shop start$/, 'test/shipping/workspace.test.ts', /--filter/],
  [/^yarn node --require|^node -r \.\/\.pnp\.cjs/, 'test/shipping/plug-n-play.test.ts', /\.pnp\.cjs/],
  [/^ncc build app\.js -e /, 'test/shipping/bundlers.ts', /ncc/],
  [/^npm install --prefix \/opt\/obs @paxx\/obs$/, 'test/shipping/elsewhere.test.ts', /register\/index\.cjs|elsewhere/],
  [/^paxx-obs doctor -- node dist\/server\.js$/, 'test/e2e/cli-doctor.test.ts', /bundle/],
]

/** Documents whose commands are printed by the tests that ran them. */
const PRINTED = new Set(['docs/shipping.md', 'docs/suites.md', 'docs/clients.md', 'docs/frameworks.md', 'CHANGELOG.md'])

const manifest = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
const fileExists = (file = ''): void => assert.ok(existsSync(join(ROOT, file)), file)

/** Commands that no test runs, with the reason and a check that they can be right. */
const NOT_RUN: readonly (readonly [command: RegExp, reason: string, check: (found: RegExpExecArray) => void])[] = [
  [
    /^node --test (.+)$/,
    'tests of the suite, which npm test runs',
    ([, files = '']) => {
      for (const file of files.replaceAll('"', '').split(' ')) {
        assert.ok(globSync(file, { cwd: ROOT }).length > 0, file)
      }
    },
  ],
  [
    /^OBS_MATRIX_CLIENT=(\w+) node --test (\S+)$/,
    'part of the client matrix, whose cells npm test runs',
    ([, client, file]) => {
      fileExists(file)
      fileExists(`src/instrumentation/clients/${client}.ts`)
    },
  ],
  [
    /^node ((?:scripts|bench)\/\S+\.ts)$/,
    'needs the network or a quiet machine, or writes a document from a run of an hour',
    ([, file]) => fileExists(file),
  ],
  [
    /^npm run (bench|suites|test:unit|test:matrix)(?: |$)/,
    'takes minutes to hours, or is a part of npm test',
    ([, name = '']) => {
      const [file = ''] = /\b(?:bench|test)\/\S+\.ts/.exec(manifest.scripts[name] ?? '') ?? []
      assert.ok(globSync(file.replaceAll(/^"|"$/g, ''), { cwd: ROOT }).length > 0 || name === 'test:matrix', name)
    },
  ],
  [
    /^docker run (?:-p \d+:\d+ )+(jaegertracing\/jaeger:[\d.]+)$/,
    'needs Docker; the image is the one of the compose file, which is checked against its schema',
    ([, image]) => {
      const { services } = parse(textOf('deploy/compose/compose.yaml')) as {
        services: Record<string, { image?: string }>
      }
      assert.ok(
        Object.values(services).some((service) => service.image === image),
        image,
      )
    },
  ],
  [
    /^APP=\S+ docker compose -f (\S+) up$/,
    'needs Docker; test/e2e/deploy-files.test.ts checks the file against its schema',
    ([, file = '']) => assert.match(textOf(file), /\$\{APP\b/),
  ],
  [
    /^docker build --build-arg VERSION=(\S+) -t (\S+) (\S+)$/,
    'needs Docker; test/e2e/deploy-files.test.ts parses the Dockerfile',
    ([, version, image = '', context]) => {
      assert.match(textOf(`${context}/Dockerfile`), /^ARG VERSION$/m)
      assert.equal(version, (JSON.parse(textOf('package.json')) as { version: string }).version)
      assert.ok(textOf('deploy/operator/instrumentation.yaml').includes(`image: ${image}\n`), image)
    },
  ],
  [
    /^docker push (\S+)$/,
    'needs a registry',
    ([, image]) => assert.ok(textOf('deploy/operator/instrumentation.yaml').includes(`image: ${image}\n`)),
  ],
  [
    /^kubectl apply -f (\S+)$/,
    'needs a cluster; test/e2e/deploy-files.test.ts checks the file against its schema',
    ([, file = '']) => fileExists(file),
  ],
  [
    /^kubectl patch deployment (\S+) -p '(.+)'$/,
    'needs a cluster; the patched Deployment is checked against its schema',
    ([, name, text = '']) => {
      const patch = JSON.parse(text) as { spec: { template: { metadata: { annotations: Record<string, string> } } } }
      const [document = ''] = textOf('deploy/kubernetes/deployment.yaml').split('\n---')
      const deployment = parse(document) as { metadata: { name: string }; spec: { template: { metadata: object } } }
      Object.assign(deployment.spec.template.metadata, patch.spec.template.metadata)
      new Deployment(deployment as never).validate()
      assert.equal(deployment.metadata.name, name)
      const { metadata } = parse(textOf('deploy/operator/instrumentation.yaml')) as { metadata: { name: string } }
      assert.deepEqual(Object.values(patch.spec.template.metadata.annotations), [metadata.name])
    },
  ],
]

/** Without the parts that stand for something else, and programs that are only named. */
const isComplete = (command: string): boolean =>
  !/[…<]/.test(command) && !/^(?:npm install|next start|npm run bench)$/.test(command)
/** `RUN` of a Dockerfile, and `npx` in front of the package's command, which finds what is installed. */
const typed = (command: string): string => command.replace(/^RUN /, '').replace(/^npx (?=paxx-obs)/, '')

const COMMANDS = new Map(
  DOCUMENTS.filter((document) => !PRINTED.has(document))
    .flatMap((document) => commandsOf(document).map((command) => [typed(command), document] as const))
    .filter(([command]) => isComplete(command))
    .toReversed(),
)

for (const [command, document] of COMMANDS) {
  const run = RUN[command]
  const runBy = RUN_BY.find(([pattern]) => pattern.test(command))
  const notRun = NOT_RUN.find(([pattern]) => pattern.test(command))
  const skip = !isWhole && OF_WHOLE_MATRIX.has(command) ? 'part of OBS_TEST_MATRIX=all' : false
  if (run !== undefined) test(`${document}: ${command}`, { skip }, (t) => run(t, command))
  else if (runBy !== undefined) {
    const [, file, shows] = runBy
    test(`${document}: ${command} is run by ${file}`, () => assert.match(textOf(file), shows))
  } else {
    test(`${document}: ${command} cannot be run here, and can be right`, () => {
      assert.ok(notRun !== undefined, 'no test runs this command: add it to a table of this file')
      const [pattern, , check] = notRun
      check(pattern.exec(command) as RegExpExecArray)
    })
  }
}

test('the tables have no command that is in no document', () => {
  const commands = [...COMMANDS.keys()]
  const patterns = [...RUN_BY, ...NOT_RUN].map(([pattern]) => pattern)
  assert.deepEqual(
    [
      ...Object.keys(RUN).filter((command) => !COMMANDS.has(command)),
      ...patterns.filter((pattern) => !commands.some((command) => pattern.test(command))).map(String),
    ],
    [],
  )
})

for (const document of DOCUMENTS) {
  for (const assignments of assignmentsOf(document)) {
    const [first = ''] = assignments.split(/[\s=]/)
    test(`${document}: the shell takes the block that sets ${first}, and the settings take its values`, async (t) => {
      const names = [...assignments.matchAll(/(?:^|\s)([A-Z_]+)=/g)].map(([, name = '']) => name)
      // The flags of an app are for the place where it is installed.
      const script = `set -a\n${assignments}\nunset NODE_OPTIONS\npaxx-obs settings --set`
      const { stdout } = await endOf(t, `sh -c ${quoted(script)}`, 0)
      for (const name of names.filter((each) => /^(?:OTEL|OBS)_/.test(each))) {
        assert.match(stdout, new RegExp(`^ +${name}=.+ environment$`, 'ms'))
      }
      assert.doesNotMatch(stdout, /; using |is ignored/)
    })
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

test('each block of shell has commands or assignments alone', () => {
  for (const document of DOCUMENTS) {
    const blocks = codeBlocks(document).filter(({ language }) => language === 'sh')
    const assignments = assignmentsOf(document)
    const commands = commandsOf(document)
    for (const { code } of blocks) {
      const lines = code.trim().split('\n')
      assert.ok(
        assignments.includes(code) || lines.every((line) => commands.includes(line.trim())),
        `${document}: ${code}`,
      )
    }
  }
})
