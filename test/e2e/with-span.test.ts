import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** What a function does inside `withSpan()` it does as without, with the preload and without. \`run\` is the one or the other. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'a rejection that nobody handles': `run(async () => { throw Object.assign(new TypeError('boom'), { code: 'E_BOOM' }) })`,
  'a rejection that is handled later': `
    const promise = run(() => Promise.reject(new Error('boom')))
    process.on('unhandledRejection', () => console.log('unhandled'))
    process.on('rejectionHandled', () => console.log('handled'))
    setTimeout(() => promise.catch(({ message }) => console.log('caught', message)), 20)`,
  'a rejection that is handled': `run(async () => { throw new Error('boom') }).catch(({ message }) => console.log('caught', message))`,
  'a rejection with nothing': `run(() => Promise.reject()).then(undefined, (thrown) => console.log('caught', thrown))`,
  'an exception': `run(() => { throw new Error('boom') })`,
  'odd exceptions': `
    for (const thrown of [undefined, null, 0, '', Symbol('s'), Object.create(null), { toString() { throw new Error('no text') } }]) {
      try { run(() => { throw thrown }) } catch (caught) { console.log(caught === thrown, typeof caught) }
    }`,
  'odd rejections': `
    for (const thrown of [undefined, null, Symbol('s'), Object.create(null)]) run(() => Promise.reject(thrown)).catch((caught) => console.log(caught === thrown, typeof caught))`,
  results: `
    class Own extends Promise {}
    console.log(run(() => 1), run(() => undefined), run(() => Own.resolve(1)) instanceof Own)
    run(async () => 'value').then(console.log)`,
  'a query builder, whose query begins with then': `
    let queries = 0
    const builder = { where() { return this }, then(done) { queries++; return Promise.resolve('rows').then(done) } }
    const built = run(() => builder)
    console.log(built === builder, queries)
    setTimeout(async () => { console.log(queries); console.log(await built.where(), queries) }, 20)`,
}

/** Where it was thrown, which for what passes through `withSpan()` is there. */
const WHERE = /^\s+at |^node:internal|^\/.*:\d+$|^\s*\^|^\s*throw|^run\(|triggerUncaughtException|^\s*$/

const HEAD = `
const { withSpan } = require(${JSON.stringify(ROOT)})
const run = process.env.WITH_SPAN ? (work) => withSpan('job', work) : (work) => work()
process.on('exit', (code) => console.log('exit', code))
`

describe('withSpan', { concurrency: 2 }, () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(`${name} is as the function alone`, async (t) => {
      const app = join(temporaryFolder(t, 'with-span'), 'main.cjs')
      writeFileSync(app, HEAD + program)
      const receiver = await OtlpReceiver.start(t)
      const seen = async (preload: 'import' | 'none', env: Record<string, string>): Promise<unknown> => {
        const ours = {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OTEL_METRICS_EXPORTER: 'none',
          OTEL_LOG_LEVEL: 'warn',
          OBS_EXIT_FLUSH_TIMEOUT: '20000',
        }
        const { code, signal, stdout, stderr } = await runNode(t, { app, preload, env: { ...ours, ...env } })
        const { own, app: lines } = splitStderr(stderr)
        assert.deepEqual(own, [])
        return {
          code,
          signal,
          stdout,
          stderr: lines.filter((line) => !WHERE.test(line)),
        }
      }
      const alone = await seen('none', {})
      assert.deepEqual(await seen('none', { WITH_SPAN: '1' }), alone)
      assert.deepEqual(await seen('import', { WITH_SPAN: '1' }), alone)
      const spans = await receiver.waitForSpans(1)
      assert.ok(spans.every((span) => span.name === 'job'))
    })
  }
})
