import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { environmentOfNpm, npm } from '../support/installed-tarball.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/eventually.ts'
import { ALL, holds } from './shapes.ts'

/** As docs/recipes.md has it. */
const CONFIGURATION = `export default {
  output: 'standalone',
  outputFileTracingIncludes: { '/*': ['./node_modules/@paxx/obs/**/*', './node_modules/@opentelemetry/api/**/*'] },
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
}`

/** The standalone output alone, in a folder of its own. */
function standalone(t: TestContext): string {
  const base = temporaryFolder(t, 'standalone')
  const folder = join(base, 'shop')
  cpSync(join(ROOT, 'test/matrix/frameworks/next'), folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  writeFileSync(join(folder, 'next.config.mjs'), CONFIGURATION)
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', base)
  npm(folder, 'install', join(base, 'paxx-obs-0.1.0.tgz'))
  const env = { ...environmentOfNpm(), NEXT_TELEMETRY_DISABLED: '1' }
  execFileSync('npx', ['next', 'build'], { cwd: folder, env, stdio: 'pipe' })
  renameSync(join(folder, '.next/standalone'), join(base, 'image'))
  rmSync(folder, { recursive: true })
  return join(base, 'image')
}

test("Next.js's standalone output, copied away", { skip: !ALL && 'part of OBS_TEST_SHIPPING=all' }, async (t) => {
  const folder = standalone(t)
  for (const flag of ['--import', '--require', 'NODE_OPTIONS']) {
    await t.test(flag, async (row) => {
      const serve = async (args: readonly string[], env: Record<string, string>): Promise<unknown> => {
        const port = await freePort()
        const running = startProcess(row, process.execPath, [...args, 'server.js'], {
          cwd: folder,
          env: { NODE_ENV: 'production', PORT: String(port), HOSTNAME: '127.0.0.1', ...env },
          timeoutMs: 60_000,
        })
        await running.waitFor(/Ready in/)
        const answers = await Promise.all(
          ['/shop/7', '/api/items/7', '/nothing'].map(async (path) => {
            const response = await fetch(`http://127.0.0.1:${port}${path}`)
            return [response.status, (await response.text()).length]
          }),
        )
        running.kill('SIGTERM')
        const { code, signal, stderr } = await running.exited
        return { answers, code, signal, stderr: splitStderr(stderr).app }
      }
      const bare = await serve([], {})
      const receiver = await OtlpReceiver.start(row)
      const ours = await serve(flag === 'NODE_OPTIONS' ? [] : [flag, '@paxx/obs/register'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_METRICS_EXPORTER: 'none',
        OBS_EXIT_FLUSH_TIMEOUT: '60000',
        OBS_SIGNAL_FLUSH_TIMEOUT: '60000',
        ...(flag === 'NODE_OPTIONS' ? { NODE_OPTIONS: '--import @paxx/obs/register' } : {}),
      })
      assert.deepEqual(ours, bare)
      const servers = (): string[] => receiver.spans.filter(({ kind }) => kind === 'server').map(({ name }) => name)
      await eventually(() => Promise.resolve(servers().length >= 3), 10_000)
      assert.deepEqual(servers().toSorted(), ['GET', 'GET /api/items/[item]', 'GET /shop/[id]'])
      holds('Started elsewhere', `\`.next/standalone\` of Next.js 16, copied away, by ${flag}`)
    })
  }
})
