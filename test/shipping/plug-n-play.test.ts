import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { environmentOfNpm, npm } from '../support/installed-tarball.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { installed } from './packages.ts'
import { ALL, holds } from './shapes.ts'

const KIND = "Yarn's Plug'n'Play"
const YARN = installed('@yarnpkg/cli-dist/bin/yarn.js')

/** What Yarn's runtime does to `require`: without the conditions of a caller it has its own two. */
const RUNTIME = `
  const Module = require('node:module')
  const { _resolveFilename } = Module
  process.versions.pnp = '3'
  Module._resolveFilename = function (request, parent, isMain, options = {}) {
    const conditions = new Set(options.conditions ?? ['node', 'require'])
    return Reflect.apply(_resolveFilename, this, [request, parent, isMain, { ...options, conditions }])
  }`

test("packages resolve under Plug'n'Play to the files that they resolve to without the preload", async (t) => {
  const folder = temporaryFolder(t, 'pnp')
  const inside = join(folder, 'node_modules/two-faced')
  mkdirSync(inside, { recursive: true })
  const faces = { 'module-sync': './module.mjs', 'node-addons': './addon.cjs', require: './common.cjs' }
  writeFileSync(join(inside, 'package.json'), JSON.stringify({ name: 'two-faced', exports: faces }))
  writeFileSync(join(inside, 'common.cjs'), `module.exports = 'CommonJS'`)
  writeFileSync(join(folder, 'runtime.cjs'), RUNTIME)
  writeFileSync(join(folder, 'app.cjs'), `console.log(require('two-faced'))`)
  const run = async (flags: readonly string[]) =>
    (await startProcess(t, process.execPath, ['-r', './runtime.cjs', ...flags, 'app.cjs'], { cwd: folder }).exited)
      .stdout
  assert.equal(await run([]), 'CommonJS\n')
  assert.equal(await run(['-r', REGISTER]), 'CommonJS\n')
})

const APP = `
  const app = express()
  app.get('/users/:id', (request, response) => response.send(request.params.id))
  const server = app.listen(0, '127.0.0.1', async () => {
    console.log(await (await fetch('http://127.0.0.1:' + server.address().port + '/users/7')).text())
    server.close()
  })`

/** An app that Yarn has installed the packed package for, from the registry. */
function project(t: TestContext): string {
  const base = temporaryFolder(t, 'yarn')
  const folder = join(base, 'app')
  mkdirSync(folder)
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', base)
  const dependencies = { '@paxx/obs': 'file:../paxx-obs-0.1.0.tgz', express: '5.1.0' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', private: true, dependencies }))
  writeFileSync(join(folder, '.yarnrc.yml'), 'enableGlobalCache: false\nenableTelemetry: false\nnodeLinker: pnp\n')
  writeFileSync(join(folder, 'yarn.lock'), '')
  writeFileSync(join(folder, 'app.cjs'), `const express = require('express')\n${APP}`)
  writeFileSync(join(folder, 'app.mjs'), `import express from 'express'\n${APP}`)
  execFileSync(process.execPath, [YARN as string, 'install'], { cwd: folder, env: environmentOfNpm(), stdio: 'pipe' })
  return folder
}

const STARTS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['`yarn node --import`, CommonJS', ['YARN', 'node', '--import', '@paxx/obs/register', 'app.cjs']],
  ['`yarn node --import`, ES modules', ['YARN', 'node', '--import', '@paxx/obs/register', 'app.mjs']],
  ['`yarn node --require`, CommonJS', ['YARN', 'node', '--require', '@paxx/obs/register', 'app.cjs']],
  ['`yarn node --require`, ES modules', ['YARN', 'node', '--require', '@paxx/obs/register', 'app.mjs']],
  ['`node -r ./.pnp.cjs -r @paxx/obs/register`', ['-r', './.pnp.cjs', '-r', '@paxx/obs/register', 'app.cjs']],
]

test("apps that Yarn's Plug'n'Play starts are traced", { skip: skipped() }, async (t) => {
  const folder = project(t)
  for (const [name, [first = '', ...rest]] of STARTS) {
    await t.test(name, async (row) => {
      const receiver = await OtlpReceiver.start(row)
      const { code, stdout, stderr } = await startProcess(
        row,
        process.execPath,
        [first === 'YARN' ? (YARN as string) : first, ...rest],
        {
          cwd: folder,
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
            OTEL_METRICS_EXPORTER: 'none',
            OBS_EXIT_FLUSH_TIMEOUT: '60000',
          },
        },
      ).exited
      assert.deepEqual([code, stdout, splitStderr(stderr).app], [0, '7\n', []])
      assert.deepEqual(receiver.spans.map((span) => `${span.kind} ${span.name}`).toSorted(), [
        'client GET',
        'server GET /users/:id',
      ])
      holds(KIND, name)
    })
  }
  await t.test('`yarn paxx-obs doctor`', async (row) => {
    const doctor = await startProcess(row, process.execPath, [YARN as string, 'paxx-obs', 'doctor', '--json'], {
      cwd: folder,
    }).exited
    const { groups } = JSON.parse(doctor.stdout) as { groups: { checks: { id: string; text: string }[] }[] }
    const texts = groups.flatMap(({ checks }) => checks).map(({ id, text }) => `${id}: ${text}`)
    assert.ok(texts.some((text) => /^package: @paxx\/obs .* resolves from here/.test(text)))
    assert.ok(texts.some((text) => text.startsWith('package:express: express 5.1.0 is instrumented')))
    assert.ok(texts.some((text) => text.startsWith('api: @opentelemetry/api 1.')))
    holds(KIND, '`yarn paxx-obs doctor`', 'sees the packages')
  })
})

function skipped(): string | false {
  if (!ALL) return 'part of OBS_TEST_SHIPPING=all'
  return YARN === undefined && 'not installed: npm ci --prefix test/tools'
}
