import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Frameworks whose exceptions are seen at a known line of a file. A later release may have another line there. */

const FRAMEWORKS = [
  { name: 'connect', version: '3.99.0', file: 'index.js' },
  { name: 'fastify', version: '5.99.0', file: 'lib/error-handler.js' },
] as const

for (const { name, version, file } of FRAMEWORKS) {
  test(`one line says that the exceptions of an unknown ${name} are not recorded`, { timeout: 60_000 }, async (t) => {
    const folder = temporaryFolder(t, 'unknown-text')
    const library = join(folder, 'node_modules', name)
    const main = name === 'fastify' ? `module.exports = require('./${file}')` : 'module.exports = () => () => {}'
    write(join(library, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }))
    write(join(library, file), 'module.exports = function other() {}')
    write(join(library, 'index.js'), main)
    write(join(folder, 'app.cjs'), `console.log(typeof require('${name}')); require('${name}')`)
    const { stdout, stderr, code } = await runNode(t, { app: join(folder, 'app.cjs'), cwd: folder })
    assert.deepEqual([stdout, code], ['function\n', 0])
    const lines = recordingLines(stderr)
    assert.equal(lines.length, 1, stderr)
    assert.ok(lines[0]?.includes(join(library, file)), stderr)
  })
}

test('releases that are supported are not reported', { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t, 'known-text')
  const source = `
    const load = require('node:module').createRequire(${JSON.stringify(join(ROOT, 'package.json'))})
    for (const name of ['router', 'express', 'fastify']) console.log(typeof load(name))`
  write(join(folder, 'app.cjs'), source)
  const { stdout, stderr } = await runNode(t, { app: join(folder, 'app.cjs'), cwd: folder })
  assert.equal(stdout, 'function\nfunction\nfunction\n', stderr)
  assert.deepEqual(recordingLines(stderr), [])
})

function recordingLines(stderr: string): string[] {
  return splitStderr(stderr).own.filter((line) => line.includes('not recorded'))
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
