import assert from 'node:assert/strict'
import { copyFileSync, symlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startCli } from '../support/cli.ts'
import { splitStderr } from '../support/own-lines.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { BUNDLERS } from './bundlers.ts'
import { installed } from './packages.ts'
import { ALL, holds } from './shapes.ts'
import { partsOf } from '../../src/bundler/parts.ts'
import { packagesInside } from '../../src/bundler/signs.ts'

const KIND = 'Bundlers'

interface Seen {
  readonly stdout: string
  readonly spans: readonly string[]
  /** Of HTTP and databases, with the route or the operation. */
  readonly metrics: readonly string[]
  readonly lines: readonly string[]
}

async function run(t: TestContext, app: string, env: Record<string, string> = {}): Promise<Seen> {
  const receiver = await OtlpReceiver.start(t)
  const { stdout, stderr } = await runNode(t, {
    app,
    preload: 'require',
    nodeArgs: ['--enable-source-maps'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'otlp',
      OBS_EXIT_FLUSH_TIMEOUT: '60000',
      ...env,
    },
  })
  const spans = receiver.spans.map(({ kind, name, scope }) => `${kind} ${name} (${scope})`).toSorted()
  const points = receiver.metrics.flatMap((metric) =>
    metric.points.map(
      ({ attributes }) => `${metric.name} ${attributes['http.route'] ?? attributes['db.operation.name'] ?? ''}`,
    ),
  )
  const metrics = [...new Set(points.filter((point) => /^(?:http|db)\./.test(point)))].toSorted()
  assert.deepEqual(splitStderr(stderr).app, [])
  return { stdout, spans, metrics, lines: splitStderr(stderr).own }
}

function projectFolder(t: TestContext): string {
  const folder = temporaryFolder(t, 'bundle')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  copyFileSync(join(ROOT, 'test/shipping/apps/bundled.mjs'), join(folder, 'app.mjs'))
  return folder
}

/** What `paxx-obs doctor` says of a bundle after a trial run of it. */
async function doctorSays(t: TestContext, cwd: string, output: string, status: string, text: RegExp): Promise<void> {
  const env = { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
  const { stdout } = await startCli(t, ['doctor', '--json', '--', 'node', output], { cwd, env, timeoutMs: 60_000 })
    .exited
  const { groups } = JSON.parse(stdout) as { groups: { checks: { id: string; status: string; text: string }[] }[] }
  const found = groups.flatMap(({ checks }) => checks).filter(({ id }) => id === 'bundle')
  assert.deepEqual([found.length, found[0]?.status], [1, status], JSON.stringify(found))
  assert.match(found[0]?.text ?? '', text)
}

test('an app that is bundled with the plugin is as observable as one that is not', { concurrency: 2 }, async (t) => {
  const folder = projectFolder(t)
  const unbundled = await run(t, join(folder, 'app.mjs'))
  assert.match(unbundled.stdout, /^\{"id":"7"\}\napplication\.js:\d+ app\.mjs:\d+\n$/)
  assert.ok(unbundled.metrics.includes('http.server.request.duration /users/:id'), unbundled.metrics.join())
  assert.match(unbundled.spans.join(), /pg\.connect.*server GET \/users\/:id/)
  const rows = BUNDLERS.filter(({ typical }) => ALL || typical === true).map(
    ({ name, needs, build, remedy = 'with the plugin' }) =>
      t.test(
        name,
        { skip: installed(needs) === undefined && 'not installed: npm ci --prefix test/shipping/every' },
        async (row) => {
          const place = projectFolder(row)
          const entry = join(place, 'app.mjs')
          const output = await build({ entry, folder: place, withPlugin: true })
          const marked = await run(row, output, { LINGER_MS: '300' })
          assert.deepEqual(
            [marked.stdout, marked.spans, marked.metrics],
            [unbundled.stdout, unbundled.spans, unbundled.metrics],
          )
          assert.doesNotMatch(marked.lines.join('\n'), /is a bundle/)
          holds(KIND, `${name}, ${remedy}`)
          if (ALL) await doctorSays(row, place, output, 'ok', /was patched$|is not a bundle/)
          await build({ entry, folder: place, withPlugin: false })
          // Doctor's look at the file finds what is in it.
          const inside = new Set<string>()
          for await (const text of partsOf(output, (path) => readFile(path, 'utf8').catch(() => undefined)))
            for (const found of packagesInside(text, new Set(['express', 'pg']))?.packages ?? []) inside.add(found)
          assert.deepEqual([...inside].toSorted(), ['express', 'pg'])
          const unmarked = await run(row, output, { LINGER_MS: '300' })
          assert.equal(unmarked.stdout, unbundled.stdout)
          assert.match(
            unmarked.lines.join('\n'),
            /is a bundle with .*express.*pg.* inside, not instrumented; build it with the plugin/,
          )
          if (ALL) await doctorSays(row, place, output, 'warning', /express.*pg.* inside it is not instrumented/)
          holds(
            KIND,
            `${name}, ${remedy === 'with the plugin' ? 'without the plugin' : 'with the packages inside'}`,
            'as bare; one line names the packages inside and the plugin',
          )
        },
      ),
  )
  await Promise.all(rows)
})
