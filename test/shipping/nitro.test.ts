import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { environmentOfNpm, npm } from '../support/installed-tarball.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ALL, holds } from './shapes.ts'

/** As docs/getting-started.md and docs/frameworks.md have it; two optional parts of pg are left out. */
const CONFIGURATION = `
  import { rollup } from '@paxx/obs/bundler'
  const empty = new URL('./empty.mjs', import.meta.url).pathname
  export default {
    preset: 'node-server', compatibilityDate: '2026-01-01', noExternals: true, serverDir: './',
    alias: { 'pg-native': empty, 'pg-cloudflare': empty },
    rollupConfig: { plugins: process.env.WITH_PLUGIN ? [rollup()] : [] },
  }`

const ROUTE = `
  import { Client } from 'pg'
  export default async (event) => {
    const client = new Client({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 })
    await client.connect().catch(() => {})
    return { id: event.context.params.id }
  }`

function project(t: TestContext, nitro: string): string {
  const base = temporaryFolder(t, 'nitro')
  const folder = join(base, 'shop')
  for (const inner of ['routes/users', 'plugins']) mkdirSync(join(folder, inner), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "private": true, "type": "module" }')
  writeFileSync(join(folder, 'nitro.config.mjs'), CONFIGURATION)
  writeFileSync(join(folder, 'empty.mjs'), 'export default undefined')
  writeFileSync(join(folder, 'plugins/obs.js'), `export { default } from '@paxx/obs/nitro'`)
  writeFileSync(join(folder, 'routes/users/[id].js'), ROUTE)
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', base)
  npm(folder, 'install', '--ignore-scripts', nitro, 'pg@8', join(base, 'paxx-obs-0.1.0.tgz'))
  return folder
}

interface Served {
  readonly body: string
  readonly stderr: readonly string[]
  readonly lines: readonly string[]
}

async function serve(t: TestContext, folder: string, env: object, line?: RegExp): Promise<Served> {
  const port = await freePort()
  const running = startProcess(
    t,
    process.execPath,
    [...(line === undefined ? [] : ['--import', '@paxx/obs/register']), '.output/server/index.mjs'],
    {
      cwd: folder,
      env: { NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', OTEL_METRICS_EXPORTER: 'none', ...env },
      timeoutMs: 60_000,
    },
  )
  await running.waitFor(/Listening on/)
  const body = await (await fetch(`http://127.0.0.1:${port}/users/7`)).text()
  if (line !== undefined) await running.waitFor(line, 'stderr', 20_000)
  running.kill('SIGTERM')
  const { own, app } = splitStderr((await running.exited).stderr)
  return { body, stderr: app, lines: own }
}

const skip = !ALL && 'part of OBS_TEST_SHIPPING=all'

test('a Nitro app with its packages inside', { skip }, async (t) => {
  for (const nitro of ['nitropack@2', 'nitro@3']) {
    await t.test(nitro, async (row) => {
      const folder = project(row, nitro)
      for (const withPlugin of [true, false]) {
        const env = { ...environmentOfNpm(), ...(withPlugin ? { WITH_PLUGIN: '1' } : {}) }
        execFileSync('npx', [nitro.replace(/@.*/, ''), 'build'], { cwd: folder, env, stdio: 'pipe' })
        const bare = await serve(row, folder, {})
        const receiver = await OtlpReceiver.start(row)
        const exports = {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OBS_EXIT_FLUSH_TIMEOUT: '60000',
          OBS_SIGNAL_FLUSH_TIMEOUT: '60000',
        }
        const line = /is a bundle with pg inside, not instrumented; build it with the plugin/
        const ours = await serve(row, folder, exports, withPlugin ? /@paxx\/obs: shop: traces/ : line)
        assert.deepEqual([ours.body, ours.stderr], [bare.body, bare.stderr])
        const spans = await receiver.waitForSpans(withPlugin ? 2 : 1)
        const names = spans.map(({ kind, name }) => `${kind} ${name}`).toSorted()
        assert.deepEqual(names, [...(withPlugin ? ['client pg.connect'] : []), 'server GET /users/:id'])
        if (withPlugin) assert.doesNotMatch(ours.lines.join('\n'), /is a bundle/)
        const name = `Nitro ${nitro.at(-1)}, noExternals`
        if (withPlugin) holds('Bundlers', `${name}, with the plugin`)
        else
          holds('Bundlers', `${name}, without the plugin`, 'as bare; one line names the packages inside and the plugin')
      }
    })
  }
})
