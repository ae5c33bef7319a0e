import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startNode } from '../support/run-node.ts'

const APP = join(import.meta.dirname, 'apps/own-context-manager.mjs')
/** Kinds of managers, of which `test/unit/sdk/followed-manager.test.ts` has more, and how the app ends. */
const ROWS = [
  { kind: 'throws', end: 'crash', code: 1 },
  { kind: 'returns null', end: '', code: 0 },
  { kind: 'returns a context that throws', end: '', code: 0 },
]

test("a context manager of the app that fails: requests are answered, and the app's own error ends it with code 1", async (t) => {
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: '0' }
  const running = ROWS.map((row) => ({ ...row, app: startNode(t, { app: APP, args: [row.kind, row.end], env }) }))
  for (const { kind, app, code } of running) {
    const { code: actual, stdout, stderr } = await app.exited
    assert.equal(stdout, '4\n', `${kind}: ${stderr}`)
    assert.equal(actual, code, `${kind}: ${stderr}`)
  }
})
