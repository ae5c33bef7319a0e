import assert from 'node:assert/strict'
import { copyFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { splitStderr } from '../support/own-lines.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { BUNDLERS } from './bundlers.ts'
import { installed } from './packages.ts'

/** `OBS_TEST_SHIPPING=all` builds with every bundler of the table. */
const ALL = process.env['OBS_TEST_SHIPPING'] === 'all'

interface Seen {
  readonly stdout: string
  readonly spans: readonly string[]
  readonly lines: readonly string[]
}

async function run(t: TestContext, app: string, env: Record<string, string> = {}): Promise<Seen> {
  const receiver = await OtlpReceiver.start(t)
  const { stdout, stderr } = await runNode(t, {
    app,
    preload: 'require',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'none',
      OBS_EXIT_FLUSH_TIMEOUT: '10000',
      ...env,
    },
  })
  const spans = receiver.spans.map(({ kind, name, scope }) => `${kind} ${name} (${scope})`).toSorted()
  assert.deepEqual(splitStderr(stderr).app, [])
  return { stdout, spans, lines: splitStderr(stderr).own }
}

function projectFolder(t: TestContext): string {
  const folder = temporaryFolder(t, 'bundle')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  copyFileSync(join(ROOT, 'test/shipping/apps/bundled.mjs'), join(folder, 'app.mjs'))
  return folder
}

test('an app that is bundled with the plugin is as observable as one that is not', { concurrency: 2 }, async (t) => {
  const folder = projectFolder(t)
  const unbundled = await run(t, join(folder, 'app.mjs'))
  assert.equal(unbundled.stdout, '{"id":"7"}\n')
  assert.match(unbundled.spans.join(), /pg\.connect.*server GET \/users\/:id/)
  const rows = BUNDLERS.filter(({ typical }) => ALL || typical === true).map(({ name, needs, build }) =>
    t.test(
      name,
      { skip: installed(needs) === undefined && 'not installed: npm ci --prefix test/shipping/every' },
      async (row) => {
        const place = projectFolder(row)
        const entry = join(place, 'app.mjs')
        const marked = await run(row, await build({ entry, folder: place, withPlugin: true }), { LINGER_MS: '300' })
        assert.deepEqual([marked.stdout, marked.spans], [unbundled.stdout, unbundled.spans])
        assert.doesNotMatch(marked.lines.join('\n'), /is a bundle/)
        const unmarked = await run(row, await build({ entry, folder: place, withPlugin: false }), { LINGER_MS: '300' })
        assert.equal(unmarked.stdout, unbundled.stdout)
        assert.match(
          unmarked.lines.join('\n'),
          /is a bundle with .*express.*pg.* inside, not instrumented; build it with the plugin/,
        )
      },
    ),
  )
  await Promise.all(rows)
})
