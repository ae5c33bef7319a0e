import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { BUNDLERS } from './bundlers.ts'
import { installed } from './packages.ts'
import { ALL, distinct, holds } from './shapes.ts'

const KIND = 'Single executable applications'

/** A thread as well: `require` of such an app calls no hook, and neither does the one that gives it `Worker`. */
const BUILTINS = `
  const { createServer } = require('node:http')
  const { Worker, isMainThread } = require('node:worker_threads')
  const server = createServer((request, response) => response.end('served')).listen(0, '127.0.0.1', async function () {
    console.log(await (await fetch('http://127.0.0.1:' + this.address().port)).text())
    server.close()
    new Worker("require('node:http').createServer((request, response) => response.end('by a thread')).listen(0, '127.0.0.1', async function () { console.log(await (await fetch('http://127.0.0.1:' + this.address().port)).text()); process.exit() })", { eval: true })
  })`

const EXPRESS = `
  const app = require('express')()
  app.get('/users/:id', (request, response) => response.send(request.params.id))
  const server = app.listen(0, '127.0.0.1', async () => {
    console.log(await (await fetch('http://127.0.0.1:' + server.address().port + '/users/7')).text())
    setTimeout(() => server.close(), 300)
  })`

/** A way to put a script into a copy of Node. */
interface Builder {
  readonly name: string
  readonly needs: string
  build(config: string, executable: string): void
}

const NODE_26 = join(ROOT, 'test/matrix/node_modules/node26/bin/node')

const BUILD_SEA: Builder = {
  name: 'Node 26, `--build-sea`',
  needs: NODE_26,
  build: (config) => void execFileSync(NODE_26, ['--build-sea', config], { stdio: 'pipe' }),
}

const POSTJECT: Builder = {
  name: 'Node 24, postject',
  needs: installed('postject/dist/cli.js') ?? 'postject',
  build(config, executable) {
    execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: 'pipe' })
    const blob = `${executable}.blob`
    renameSync(executable, blob)
    copyFileSync(realpathSync(process.execPath), executable)
    const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
    execFileSync(process.execPath, [this.needs, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse], {
      stdio: 'pipe',
    })
  },
}

function build(builder: Builder, folder: string, main: string): string {
  const [config, executable] = [join(folder, 'sea.json'), join(folder, 'app')]
  writeFileSync(config, JSON.stringify({ main, output: executable, disableExperimentalSEAWarning: true }))
  builder.build(config, executable)
  return executable
}

interface Row {
  readonly name: string
  readonly builder: Builder
  readonly script: (folder: string) => Promise<string>
  readonly flag?: '--import'
  readonly spans: readonly string[]
  readonly stdout: string
  readonly line?: RegExp
  readonly outcome?: string
}

async function bundled(folder: string, withPlugin: boolean): Promise<string> {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const entry = join(folder, 'entry.cjs')
  writeFileSync(entry, EXPRESS)
  const bundler = BUNDLERS.find(({ name }) => name === 'esbuild, cjs, minified')
  assert.ok(bundler)
  return await bundler.build({ entry, folder, withPlugin })
}

const OF_BUILTINS: Omit<Row, 'builder'> = {
  name: '`--require`, an app and a thread of builtins',
  script: async (folder) => {
    writeFileSync(join(folder, 'app.cjs'), BUILTINS)
    return join(folder, 'app.cjs')
  },
  stdout: 'served\nby a thread\n',
  spans: ['client GET', 'client GET', 'server GET', 'server GET'],
}

const ROWS: readonly Row[] = [
  { ...OF_BUILTINS, builder: BUILD_SEA },
  ...(ALL
    ? [
        { ...OF_BUILTINS, builder: POSTJECT },
        {
          builder: BUILD_SEA,
          name: '`--require`, a bundle with the plugin',
          script: (folder: string) => bundled(folder, true),
          stdout: '7\n',
          spans: ['client GET', 'server GET /users/:id'],
        },
        {
          builder: BUILD_SEA,
          name: '`--require`, a bundle without the plugin',
          script: (folder: string) => bundled(folder, false),
          stdout: '7\n',
          spans: ['client GET', 'server GET'],
          line: /is a bundle with express(?:, router)? inside, not instrumented; build it with the plugin/,
          outcome: 'as bare; one line names the packages inside and the plugin',
        },
        {
          builder: BUILD_SEA,
          name: '`--import`',
          flag: '--import' as const,
          script: (folder: string) => bundled(folder, true),
          stdout: '7\n',
          spans: [],
          outcome: 'as bare, and nothing of ours: Node does not read `--import` here',
        },
      ]
    : []),
]

test('a single executable application is observable as the script in it is', { concurrency: 2 }, async (t) => {
  const rows = ROWS.map((row) => {
    const skip = !existsSync(row.builder.needs) && 'not installed: npm ci --prefix test/matrix'
    return t.test(`${row.builder.name}, ${row.name}`, { skip }, (it) => tryOut(it, row))
  })
  await Promise.all(rows)
})

async function tryOut(t: TestContext, row: Row): Promise<void> {
  const script = await row.script(temporaryFolder(t, 'script'))
  const executable = build(row.builder, temporaryFolder(t, 'executable'), script)
  const bare = await startProcess(t, executable, []).exited
  assert.equal(bare.stdout, row.stdout)
  const receiver = await OtlpReceiver.start(t)
  const ours = await startProcess(t, executable, [], {
    env: {
      NODE_OPTIONS: `${row.flag ?? '--require'} ${REGISTER}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'none',
      OBS_EXIT_FLUSH_TIMEOUT: '60000',
      // Another row builds meanwhile, which blocks this process and its receiver.
      OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
    },
  }).exited
  const { own, app } = splitStderr(ours.stderr)
  assert.deepEqual([ours.code, ours.stdout, app], [bare.code, bare.stdout, []])
  assert.deepEqual(
    distinct(receiver.spans)
      .map(({ kind, name }) => `${kind} ${name}`)
      .toSorted(),
    row.spans,
  )
  if (row.line === undefined) assert.doesNotMatch(own.join('\n'), /bundle/)
  else assert.match(own.join('\n'), row.line)
  holds(KIND, `${row.builder.name}, ${row.name}`, row.outcome)
}
