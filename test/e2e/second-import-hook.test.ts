import assert from 'node:assert/strict'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { nodeVersions } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/**
 * An app, or another agent, has its own import-in-the-middle: both see the ES modules that they watch, in whichever order they
 * were put in place.
 */

const IITM = pathToFileURL(join(ROOT, 'node_modules/import-in-the-middle/')).href
const LIBRARIES = join(ROOT, 'test/transparency/versions/newest/node_modules')
const register = (statement: string): string => `data:text/javascript,${encodeURIComponent(statement)}`
const IN_A_THREAD = register(`import { register } from 'node:module'; register('${IITM}hook.mjs')`)
const IN_THIS_THREAD = register(`import { register } from '${IITM}register-hooks.mjs'; register()`)

interface Way {
  readonly name: string
  readonly before?: readonly string[]
  readonly after?: readonly string[]
  /** `module.registerHooks()` is of no use to import-in-the-middle in older versions. */
  readonly newerOnly?: true
}

const WAYS: readonly Way[] = [
  { name: 'none beside ours' },
  {
    name: 'a left-over --experimental-loader',
    before: ['--no-warnings', '--experimental-loader', '@opentelemetry/instrumentation/hook.mjs'],
  },
  { name: 'module.register() before ours', before: ['--import', IN_A_THREAD] },
  { name: 'module.register() after ours', after: ['--import', IN_A_THREAD] },
  { name: 'registerHooks() before ours', before: ['--import', IN_THIS_THREAD], newerOnly: true },
  { name: 'registerHooks() after ours', after: ['--import', IN_THIS_THREAD], newerOnly: true },
]

/** `openai` is ES modules throughout, and instrumented by what its main file exports. */
const APP = `
import { Hook } from '${IITM}index.js'
let evaluated = 0
new Hook(['openai'], (exports) => { evaluated += 1; exports.OpenAI.seenByTheApp = true })
const { OpenAI, default: again } = await import('openai')
console.log('hooked', evaluated, 'seen', OpenAI.seenByTheApp, 'one module', OpenAI === again)
const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:1', maxRetries: 0 })
await client.chat.completions.create({ model: 'm', messages: [] }).catch(({ message }) => console.log(message))
`

const receiver = await OtlpReceiver.start(undefined)
after(() => receiver.close())

describe('a second import-in-the-middle', { skip: !existsSync(LIBRARIES) }, () => {
  for (const { label, execPath } of nodeVersions().filter((each) => ['22.15', '24'].includes(each.label))) {
    for (const way of WAYS) {
      if (way.newerOnly && label === '22.15') continue
      test(`${way.name} (Node ${label})`, (t) => bothSee(t, way, execPath))
    }
  }
})

async function bothSee(t: TestContext, { name, before = [], after = [] }: Way, execPath: string): Promise<void> {
  const folder = temporaryFolder(t, 'second-hook')
  symlinkSync(LIBRARIES, join(folder, 'node_modules'))
  const app = join(folder, 'app.mjs')
  writeFileSync(app, APP)
  const { code, stdout, stderr } = await runNode(t, {
    app,
    execPath,
    nodeArgs: before,
    nodeArgsAfter: after,
    env: {
      OTEL_SERVICE_NAME: folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
    },
  })
  assert.equal(code, 0, stderr)
  const theirs = name === 'none beside ours' ? 'hooked 0 seen undefined' : 'hooked 1 seen true'
  assert.deepEqual(stdout.split('\n').slice(0, 2), [`${theirs} one module true`, 'Connection error.'], stderr)
  const spans = receiver.spans.filter(({ resource }) => resource['service.name'] === folder)
  assert.deepEqual(
    spans.map((span) => span.name),
    ['chat m'],
  )
}
