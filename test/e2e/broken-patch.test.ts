import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { splitStderr } from '../support/own-lines.ts'
import { runNode } from '../support/run-node.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const BROKEN = `module.exports = {
  instrumentationName: 'broken',
  enable() {},
  getModuleDefinitions: () => [{ name: 'greeter' }],
  _onRequire() { throw new Error('the patch fails') },
}`

test('a patch that throws is logged in one line, and the app gets the module unchanged', async (t) => {
  const folder = temporaryFolder(t, 'broken')
  const greeter = join(folder, 'node_modules/greeter')
  mkdirSync(greeter, { recursive: true })
  writeFileSync(join(greeter, 'package.json'), '{"name":"greeter","version":"1.0.0","main":"index.js","type":"module"}')
  writeFileSync(join(greeter, 'index.js'), "export const greet = () => 'hello'\n")
  writeFileSync(join(folder, 'broken.cjs'), BROKEN)
  writeFileSync(join(folder, 'app.mjs'), "import { greet } from 'greeter'\nconsole.log(greet())\n")
  const { stdout, stderr, code } = await runNode(t, {
    app: join(folder, 'app.mjs'),
    cwd: folder,
    env: {
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'warn',
      OBS_INSTRUMENTATIONS: './broken.cjs',
    },
  })
  assert.deepEqual([stdout, code], ['hello\n', 0])
  assert.deepEqual(splitStderr(stderr), {
    own: ['@paxx/obs: "greeter" could not be patched (the patch fails); it is not instrumented'],
    app: [],
  })
})
