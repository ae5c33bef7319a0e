import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { splitStderr } from '../support/own-lines.ts'
import { REGISTER } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { startProcess } from '../support/running-process.ts'
import { toolScript, withoutTools } from '../support/tools.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** What NODE_OPTIONS drags in: tools are left alone, the app below them has the side port. */

const APP = `
  const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT
  const look = async () => {
    const scrape = await fetch('http://localhost:' + port + '/metrics').then((reply) => reply.text(), () => '')
    if (!scrape.includes('target_info')) return setTimeout(look, 50)
    console.log('scraped', /service_name="([^"]*)"/.exec(scrape)[1])
  }
  look()
`

/** A project whose scripts start the app in the ways of real projects. */
function project(t: TestContext): string {
  const folder = join(temporaryFolder(t, 'guardrails'), "it's a project")
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true })
  const scripts = { start: 'node app.js', bin: 'my-server', shell: "sh -c 'node app.js'" }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', version: '1.0.0', scripts }))
  writeFileSync(join(folder, 'app.js'), APP)
  mkdirSync(join(folder, 'node_modules', 'my-server'))
  writeFileSync(join(folder, 'node_modules', 'my-server', 'cli.js'), `#!/usr/bin/env node\n${APP}`)
  chmodSync(join(folder, 'node_modules', 'my-server', 'cli.js'), 0o755)
  symlinkSync('../my-server/cli.js', join(folder, 'node_modules', '.bin', 'my-server'))
  return folder
}

async function underNodeOptions(t: TestContext): Promise<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import ${JSON.stringify(REGISTER)}`,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${await freePort()}`,
    OTEL_TRACES_EXPORTER: 'none',
    // The scripts' node is this one.
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    npm_config_update_notifier: 'false',
    YARN_ENABLE_TELEMETRY: '0',
    npm_config_cache: temporaryFolder(t, 'npm-cache'),
  }
}

const npmCli = process.env['npm_execpath'] ?? realpathSync(execFileSync('which', ['npm']).toString().trim())

interface Start {
  readonly label: string
  readonly script: string
  readonly args: readonly (readonly string[])[]
  readonly skip: string | false
}

/** What `yarn install` writes for a project without dependencies; it starts nothing without. */
const YARN_LOCK = `__metadata:
  version: 10
  cacheKey: 10c0

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  languageName: unknown
  linkType: soft
`

const STARTS: readonly Start[] = [
  {
    label: 'npm',
    script: npmCli,
    args: [['start'], ['run', 'bin'], ['run', 'shell'], ['exec', '--offline', '--', 'node', 'app.js']],
    skip: false,
  },
  {
    label: 'pnpm',
    script: toolScript('pnpm/bin/pnpm.cjs'),
    args: [['start']],
    skip: withoutTools(),
  },
  {
    label: 'yarn 1',
    script: toolScript('yarn/bin/yarn.js'),
    args: [['start']],
    skip: withoutTools(),
  },
  {
    label: 'yarn 4',
    script: toolScript('@yarnpkg/cli-dist/bin/yarn.js'),
    args: [['start']],
    skip: withoutTools(),
  },
]

for (const { label, script, args: all, skip } of STARTS) {
  for (const args of all) {
    test(`${label} ${args.join(' ')}: the app has the side port, and ${label} logs nothing`, { skip }, async (t) => {
      const env = await underNodeOptions(t)
      const cwd = project(t)
      writeFileSync(join(cwd, 'yarn.lock'), YARN_LOCK)
      writeFileSync(join(cwd, '.yarnrc.yml'), 'nodeLinker: node-modules\n')
      const run = await startProcess(t, process.execPath, [script, ...args], { cwd, env }).exited
      assert.equal(run.code, 0, run.stderr)
      assert.match(run.stdout, /^scraped \S+/m)
      // Some print what the app says on stderr on their own stdout.
      const { own } = splitStderr(run.stderr + run.stdout)
      assert.equal(own.length, 1, run.stderr)
      assert.match(own[0] ?? '', /metrics on (http:\/\/localhost:\d+)\/metrics, page on \1\/$/)
    })
  }
}

const LEFT_ALONE: readonly { label: string; nodeArgs?: string[]; app?: string; env?: Record<string, string> }[] = [
  { label: 'node -e', nodeArgs: ['-e', 'setTimeout(() => {}, 100)'] },
  { label: 'node -p', nodeArgs: ['-p', '1 + 1'] },
  { label: 'node --check', nodeArgs: ['--check'], app: 'use-http.cjs' },
  { label: 'OBS_NEVER_INSTRUMENT', app: 'use-end.mjs', env: { OBS_NEVER_INSTRUMENT: 'use-*' } },
]

for (const { label, env, ...options } of LEFT_ALONE) {
  test(`${label} under NODE_OPTIONS is as on bare Node`, async (t) => {
    // A mistake in the settings is the app's to hear of.
    const all = { OTEL_TRACES_SAMPLER: 'wrong', ...env }
    const ours = await runNode(t, { ...options, preload: 'NODE_OPTIONS import', env: all })
    const bare = await runNode(t, { ...options, preload: 'none', env: all })
    assert.deepEqual([ours.code, ours.stdout, ours.stderr], [bare.code, bare.stdout, bare.stderr])
  })
}

test('OBS_ALWAYS_INSTRUMENT instruments a one-liner', async (t) => {
  const env = { ...(await underNodeOptions(t)), OBS_ALWAYS_INSTRUMENT: '[eval]' }
  const run = await runNode(t, { nodeArgs: ['-e', 'setTimeout(() => {}, 1000)'], preload: 'none', env })
  assert.match(run.stderr, /metrics on/)
})

test('at level debug, the reason why a tool is not instrumented is logged', async (t) => {
  const env = { ...(await underNodeOptions(t)), OTEL_LOG_LEVEL: 'debug' }
  const run = await runNode(t, { nodeArgs: ['-e', '0'], preload: 'none', env })
  assert.equal(run.stderr, '@paxx/obs: not started: [eval] is not an app\n')
})
