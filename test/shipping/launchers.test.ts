import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ALL, holds } from './shapes.ts'

/** Serves itself one request. */
const APP = `
  const app = express()
  app.get('/users/:id', (request, response) => response.send(request.params.id))
  const server = app.listen(0, '127.0.0.1', async () => {
    console.log(await (await fetch('http://127.0.0.1:' + server.address().port + '/users/7')).text())
    // A worker of a cluster has a channel to its primary as well.
    server.close(() => process.connected && process.disconnect())
  })`

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "shop", "scripts": { "app": "node app.cjs" } }',
  'app.cjs': `const express = require('express')\n${APP}`,
  'app.mjs': `import express from 'express'\n${APP}`,
  'app.mts': `import express from 'express'\nconst answer: number = 1\n${APP}`,
  'variables.env': 'NODE_OPTIONS="--import @paxx/obs/register"\n',
  'cluster.mjs': `
    import cluster from 'node:cluster'
    if (cluster.isPrimary) cluster.fork()
    else await import('./app.mjs')`,
  'task.mjs': `
    import { createServer } from 'node:http'
    export default async () => {
      const server = createServer((request, response) => response.end('7')).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text())
      await new Promise((resolve) => server.close(resolve))
    }`,
  'pool.mjs': `
    import Piscina from 'piscina'
    const pool = new Piscina({ filename: new URL('./task.mjs', import.meta.url).href, maxThreads: 1 })
    await pool.run(1)
    await pool.close()`,
  // As turbo and nx run a package's script: by a shell, with an environment of their own and piped output.
  'runner.mjs': `
    import { spawn } from 'node:child_process'
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PATH|NODE_OPTIONS|OTEL_.*|OBS_.*)$/.test(name)))
    const script = spawn('sh', ['-c', 'node app.cjs'], { env })
    script.stdout.pipe(process.stdout)
    script.stderr.pipe(process.stderr)
    script.on('exit', (code) => (process.exitCode = code))`,
  'noop.mjs': 'export const resolve = (specifier, context, next) => next(specifier, context)',
}

const FLAG = '--import @paxx/obs/register'

interface Row {
  readonly name: string
  readonly command: string
  /** Undefined: the flag is in the command, or in a file that it names. */
  readonly nodeOptions?: true
  /** CI tries it. */
  readonly typical?: true
  readonly route?: string
  readonly needsRoot?: true
}

const ROWS: readonly Row[] = [
  { name: '`node --run`, by NODE_OPTIONS', command: 'node --run app', nodeOptions: true, typical: true },
  { name: '`node --env-file` with NODE_OPTIONS in the file', command: 'node --env-file variables.env app.cjs' },
  { name: "TypeScript by Node's own type stripping", command: `node ${FLAG} app.mts` },
  { name: 'a script from stdin', command: `node ${FLAG} - < app.cjs` },
  { name: 'a cluster of ES modules', command: `node ${FLAG} cluster.mjs` },
  { name: 'a pool of threads (Piscina)', command: `node ${FLAG} pool.mjs`, route: 'server GET' },
  { name: 'a task runner with an environment of its own', command: 'node runner.mjs', nodeOptions: true },
  {
    name: 'beside `--experimental-loader`',
    command: `node --no-warnings --experimental-loader ./noop.mjs ${FLAG} app.mjs`,
  },
  {
    name: 'as process 1 of a PID namespace',
    command: `unshare --fork --pid --mount-proc node ${FLAG} app.cjs`,
    needsRoot: true,
  },
]

function project(t: TestContext): string {
  const folder = temporaryFolder(t, 'launchers')
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  mkdirSync(join(folder, 'node_modules/@paxx'), { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules/@paxx/obs'))
  for (const name of ['express', 'piscina'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}

test(
  'what starts an app by other ways than its file runs it as bare, with all spans',
  { concurrency: 2 },
  async (t) => {
    const folder = project(t)
    const rows = ROWS.filter(({ typical }) => ALL || typical === true).map((row) => {
      const skip = row.needsRoot === true && process.getuid?.() !== 0 && 'needs root'
      return t.test(row.name, { skip }, async (it) => {
        const run = (command: string, env: Record<string, string>) =>
          startProcess(it, 'sh', ['-c', command], {
            cwd: folder,
            env: { PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`, ...env },
          }).exited
        const bare = await run(row.command.replace(FLAG, '').replace('--env-file variables.env', ''), {})
        const receiver = await OtlpReceiver.start(it)
        const ours = await run(row.command, {
          ...(row.nodeOptions === true ? { NODE_OPTIONS: FLAG } : {}),
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OTEL_METRICS_EXPORTER: 'none',
          OBS_EXIT_FLUSH_TIMEOUT: '60000',
        })
        const { app } = splitStderr(ours.stderr)
        assert.deepEqual([ours.code, ours.stdout, app], [bare.code, '7\n', splitStderr(bare.stderr).app])
        const spans = receiver.spans.map(({ kind, name }) => `${kind} ${name}`).toSorted()
        assert.deepEqual(spans, ['client GET', row.route ?? 'server GET /users/:id'])
        holds('Launchers', row.name)
      })
    })
    await Promise.all(rows)
  },
)
