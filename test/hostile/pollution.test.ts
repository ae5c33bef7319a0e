import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { runNode } from '../support/run-node.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

/** What a flaw of the app lets a request write into the prototype of all objects. */
const NAMES = [
  'get',
  'set',
  'enumerable',
  'configurable',
  'then',
  'toJSON',
  'type',
  'kind',
  'attributes',
  'value',
  'writable',
]

test('a polluted Object.prototype does not end the process, though Node.js cannot report garbage collections', async (t) => {
  const app = await startServingApp(t, {
    app: join(import.meta.dirname, 'apps/polluted.mjs'),
    nodeArgs: ['--expose-gc'],
  })
  await app.process.waitFor(/metrics on/, 'stderr')
  await eventually(async () => {
    await app.get('/')
    return (await scrape(app.sidePort)).sum('v8js_gc_duration_seconds_count') > 0
  }, 30_000)
  for (const name of NAMES) {
    assert.equal((await app.get(`/${name}`)).body, 'ok', `${name}\n${app.process.stderr}`)
    assert.equal((await app.get('/')).body, 'ok', `${name}\n${app.process.stderr}`)
  }
  // The deprecated fields of entries, which Node.js cannot write then, are gone in 26.
  if (Number.parseInt(process.versions.node, 10) < 26)
    await app.process.waitFor(/v8js\.gc\.duration is no longer recorded/, 'stderr')
  await app.receiver.waitForSpans(NAMES.length)
  app.process.kill('SIGTERM')
  assert.equal((await app.process.exited).signal, 'SIGTERM')
})

for (const name of ['value', 'writable', 'get', 'toJSON']) {
  test(`an app whose Object.prototype has "${name}" handles its uncaught exceptions as in bare Node.js`, async (t) => {
    const script = `
      const { writeSync } = require('node:fs')
      const server = require('node:http').createServer((_, response) => response.end('hi'))
      server.listen(0, () => {
        process.on('uncaughtException', ({ message }) => writeSync(1, message + '\\n'))
        Object.prototype[${JSON.stringify(name)}] = ${name === 'toJSON' ? '() => { throw new Error("json") }' : '1'}
        require('node:http').get({ port: server.address().port }, (response) => {
          response.resume().on('end', () => {
            setTimeout(() => { server.close(); throw new Error('of the app') })
          })
        })
      })`
    const run = (preload: 'none' | 'import') =>
      runNode(t, { nodeArgsAfter: ['-e', script], preload, env: { OTEL_TRACES_EXPORTER: 'none' } })
    const [bare, observed] = [await run('none'), await run('import')]
    assert.deepEqual([observed.code, observed.stdout], [bare.code, bare.stdout])
  })
}
