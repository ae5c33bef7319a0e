import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNotTheApp } from '../../../src/base/guardrails.ts'
import { readInvocation } from '../../../src/base/invocation.ts'

const NONE = { always: [], never: [] }

/** Main script after links are followed, and whether the app may be in it. */
const SCRIPTS: readonly [main: string, isTool: boolean][] = [
  ['/usr/lib/node_modules/npm/bin/npm-cli.js', true],
  ['/usr/lib/node_modules/npm/bin/npx-cli.js', true],
  ['/usr/share/nodejs/npm/bin/npm-cli.js', true],
  ['/usr/lib/node_modules/corepack/dist/pnpm.js', true],
  ['/home/me/.cache/node/corepack/v1/yarn/1.22.22/bin/yarn.js', true],
  ['/srv/app/.yarn/releases/yarn-4.9.1.cjs', true],
  ['/srv/app/node_modules/.pnpm/typescript@6.0.1/node_modules/typescript/bin/tsc', true],
  ['/usr/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js', true],
  ['C:\\nodejs\\node_modules\\npm\\bin\\npm-cli.js', true],
  ['/srv/app/node_modules/tsx/dist/cli.mjs', true],
  ['/srv/app/node_modules/@nestjs/cli/bin/nest.js', true],
  ['/srv/app/node_modules/@paxx/obs/register/cli.cjs', true],
  ['/usr/lib/node_modules/pm2/bin/pm2', true],
  ['/usr/lib/node_modules/pm2/lib/Daemon.js', true],
  ['/srv/app/node_modules/next/dist/compiled/jest-worker/processChild.js', true],
  ['/srv/app/node_modules/playwright/cli.js', true],
  ['/usr/lib/node_modules/forever/bin/monitor', true],
  ['/srv/app/node_modules/ts-node-dev/lib/bin.js', true],
  ['/srv/app/node_modules/ts-node-dev/lib/wrap.js', false],
  ['/srv/app/node_modules/ts-node/dist/bin.js', false],
  ['/srv/app/node_modules/jest-worker/build/workers/processChild.js', false],
  ['[eval]', true],
  ['[repl]', true],
  ['/usr/lib/node_modules/pm2/lib/ProcessContainer.js', false],
  ['/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js', false],
  ['/srv/app/node_modules/next/dist/bin/next', false],
  ['/srv/app/server.js', false],
  ['/srv/npm/server.js', false],
  ['/srv/app/jest', false],
  ['[stdin]', false],
  ['[snapshot]', false],
]

for (const [main, isTool] of SCRIPTS) {
  test(`${main} is ${isTool ? 'not instrumented' : 'instrumented'}`, () => {
    const why = whyNotTheApp({ main, checksOnly: false, asked: false }, NONE)
    assert.equal(why !== undefined, isTool, why)
    assert.equal(whyNotTheApp({ main, checksOnly: false, asked: true }, NONE), undefined, 'by its own flag')
  })
}

const TEST_RUNS: readonly [execArgv: string[], env: Record<string, string>, runsTests: boolean][] = [
  [['--test'], {}, true],
  [[], { NODE_TEST_CONTEXT: 'child-v8' }, true],
  [[], { VITEST: 'true' }, true],
  [[], { JEST_WORKER_ID: '1', NODE_ENV: 'test' }, true],
  [[], { JEST_WORKER_ID: '1' }, false],
  [[], { NODE_ENV: 'test' }, false],
]

for (const [execArgv, env, runsTests] of TEST_RUNS) {
  test(`${[...execArgv, ...Object.keys(env)].join(' ')}: ${runsTests ? 'not instrumented' : 'instrumented'} unless requested`, () => {
    const input = { mainScript: '/srv/app/x.js', realPath: (path: string) => path, env }
    const why = whyNotTheApp(readInvocation({ ...input, execArgv }), NONE)
    assert.equal(why !== undefined, runsTests, why)
    const asked = readInvocation({ ...input, execArgv: [...execArgv, '--import', '@paxx/obs/register'] })
    assert.equal(whyNotTheApp(asked, NONE), undefined)
  })
}

test('a flag that node --test copied from NODE_OPTIONS does not count as a request', () => {
  const input = {
    mainScript: '/srv/app/x.js',
    realPath: (path: string) => path,
    execArgv: ['--import', '@paxx/obs/register'],
  }
  const env = { NODE_TEST_CONTEXT: 'child-v8', NODE_OPTIONS: '--import @paxx/obs/register' }
  assert.equal(whyNotTheApp(readInvocation({ ...input, env }), NONE), 'it runs tests')
})

const COMMANDS: readonly [command: string | undefined, isTool: boolean][] = [
  ['build', true],
  ['start', false],
  ['dev', false],
  [undefined, false],
]

for (const [command, isTool] of COMMANDS) {
  test(`next ${command} is ${isTool ? 'not instrumented' : 'instrumented'}`, () => {
    const main = '/srv/app/node_modules/next/dist/bin/next'
    const why = whyNotTheApp({ main, command, checksOnly: false, asked: false }, NONE)
    assert.equal(why !== undefined, isTool, why)
    const always = { always: ['next'], never: [] }
    assert.equal(whyNotTheApp({ main, command, checksOnly: false, asked: false }, always), undefined)
  })
}

const SETTINGS: readonly [main: string, always: string[], never: string[], started: boolean][] = [
  ['/a/node_modules/vite/bin/vite.js', ['vite'], [], true],
  ['/a/node_modules/vite/bin/vite.js', ['vite/bin/*'], [], true],
  ['/a/node_modules/vite/bin/vite.js', ['vitest'], [], false],
  ['[eval]', ['*'], [], true],
  ['/a/scripts/seed.js', [], ['*/scripts/*'], false],
  ['/a/scripts/seed.js', [], ['seed.js'], false],
  ['/a/scripts/seed.js', [], ['seed'], true],
  ['/a/node_modules/@my/cli/main.js', [], ['@my/*'], false],
  ['/a/node_modules/vite/bin/vite.js', ['vite'], ['vite'], false],
]

for (const [main, always, never, started] of SETTINGS) {
  test(`${main} with always ${always.join() || 'nothing'} and never ${never.join() || 'nothing'}`, () => {
    const why = whyNotTheApp({ main, checksOnly: false, asked: false }, { always, never })
    assert.equal(why === undefined, started, why)
  })
}

const COMMAND_LINES: readonly [execArgv: string[], mainScript: string | undefined, expected: object][] = [
  [[], '/a/link', { main: '/real/a/link', checksOnly: false, asked: false }],
  [['--check'], '/a/b.js', { main: '/real/a/b.js', checksOnly: true, asked: false }],
  [['-e', 'code'], 'argument', { main: '[eval]', checksOnly: false, asked: false }],
  [['--print=code'], undefined, { main: '[eval]', checksOnly: false, asked: false }],
  [['-i'], undefined, { main: '[repl]', checksOnly: false, asked: false }],
  [['--snapshot-blob', 'app.blob'], undefined, { main: '[snapshot]', checksOnly: false, asked: false }],
  [['--snapshot-blob=app.blob'], '/a/b.js', { main: '/real/a/b.js', checksOnly: false, asked: false }],
  [[], '-', { main: '[stdin]', checksOnly: false, asked: false }],
  [['--import', '@paxx/obs/register'], '/a/b.js', { main: '/real/a/b.js', checksOnly: false, asked: true }],
  [['--require=/x/register/index.cjs'], '/a/b.js', { main: '/real/a/b.js', checksOnly: false, asked: true }],
  [['--import', 'tsx'], '/missing', { main: '/missing', checksOnly: false, asked: false }],
]

const realPath = (path: string): string => {
  if (path === '/missing') throw new Error('ENOENT')
  return `/real${path}`
}

for (const [execArgv, mainScript, expected] of COMMAND_LINES) {
  test(`node ${execArgv.join(' ')} ${mainScript ?? ''}`, () => {
    assert.deepEqual(readInvocation({ execArgv, mainScript, realPath }), expected)
  })
}
