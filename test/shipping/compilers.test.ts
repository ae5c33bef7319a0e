import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { withPreload } from '../../src/cli/init/start-script.ts'
import { installed } from './packages.ts'
import { holds } from './shapes.ts'

/** Start scripts with compilers that hook `require`, as `paxx-obs init` rewrites them. */
const SCRIPTS: readonly {
  readonly script: string
  readonly packages: readonly string[]
  /** The main script, where it is not `app.ts`, with what else stands beside it. */
  readonly files?: Readonly<Record<string, string>>
}[] = [
  { script: 'node -r esbuild-register app.ts', packages: ['esbuild-register', 'esbuild'] },
  { script: 'node -r tsx/cjs app.ts', packages: ['tsx'] },
  { script: 'node -r ts-node/register app.ts', packages: ['ts-node', 'typescript', '@types/node'] },
  { script: 'ts-node app.ts', packages: ['ts-node', 'typescript', '@types/node'] },
  { script: 'node -r @swc-node/register app.ts', packages: ['@swc-node/register', '@swc/core', 'typescript'] },
  { script: 'node -r sucrase/register app.ts', packages: ['sucrase'] },
  {
    script: 'node -r @babel/register app.js',
    packages: ['@babel/register', '@babel/core', '@babel/preset-env', '@babel/preset-typescript'],
    get files() {
      return {
        'app.js': APP,
        'babel.config.json': JSON.stringify({
          presets: [
            ['@babel/preset-env', { targets: { node: 'current' }, modules: 'commonjs' }],
            ['@babel/preset-typescript', { ignoreExtensions: true }],
          ],
        }),
      }
    },
  },
]

/** An enum is what Node's own type stripping cannot do. */
const APP = `
enum Answer { Yes = 7 }
import http = require('node:http')
const server = http.createServer((_request: http.IncomingMessage, response: http.ServerResponse) => response.end(String(Answer.Yes)))
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as { port: number }
  console.log(await (await fetch('http://127.0.0.1:' + port)).text())
  server.close()
})
`

test(
  'start scripts with compilers run as bare when init has rewritten them, and are traced',
  { concurrency: 2 },
  async (t) => {
    const rows = SCRIPTS.map(({ script, packages, files = {} }) => {
      const missing = packages.find((name) => installed(`${name}/package.json`) === undefined)
      return t.test(
        script,
        { skip: missing !== undefined && `${missing} is not installed: npm ci --prefix test/shipping/every` },
        async (row) => {
          const folder = temporaryFolder(row, 'compiler')
          mkdirSync(join(folder, 'node_modules/@paxx'), { recursive: true })
          symlinkSync(ROOT, join(folder, 'node_modules/@paxx/obs'))
          for (const name of packages) {
            const [scope, rest] = name.split('/')
            if (rest !== undefined) mkdirSync(join(folder, 'node_modules', scope as string), { recursive: true })
            symlinkSync(join(installed(`${name}/package.json`) as string, '..'), join(folder, 'node_modules', name))
          }
          for (const [name, text] of Object.entries({ 'app.ts': APP, ...files }))
            writeFileSync(join(folder, name), text)
          writeFileSync(
            join(folder, 'tsconfig.json'),
            '{"compilerOptions":{"module":"commonjs","target":"es2022","esModuleInterop":true,"skipLibCheck":true}}',
          )
          const receiver = await OtlpReceiver.start(row)
          const rewritten = withPreload(script, {})
          assert.ok('script' in rewritten)
          const command = rewritten.script
            .replace(/^node /, `"${process.execPath}" `)
            .replace(/^ts-node /, `"${process.execPath}" node_modules/ts-node/dist/bin.js `)
          const env = {
            OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
            OTEL_METRICS_EXPORTER: 'none',
            OBS_EXIT_FLUSH_TIMEOUT: '60000',
          }
          const { stdout, code, stderr } = await startProcess(row, 'sh', ['-c', command], { cwd: folder, env }).exited
          assert.deepEqual([code, stdout], [0, '7\n'], stderr)
          assert.deepEqual(receiver.spans.map(({ kind }) => kind).toSorted(), ['client', 'server'])
          holds('Compilers', `\`${script}\`, as \`init\` rewrites it`)
        },
      )
    })
    await Promise.all(rows)
  },
)
