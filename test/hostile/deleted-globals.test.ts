import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { runNode } from '../support/run-node.ts'

test('an app that deletes the globals that it does not need serves requests, and its spans leave', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const { code, stdout, stderr } = await runNode(t, {
    app: join(import.meta.dirname, 'apps/deleted-globals.mjs'),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
    },
  })
  assert.equal(code, 0, stderr)
  assert.equal(stdout, 'true 2\n')
  assert.doesNotMatch(stderr, /is not defined|undefined/)
  assert.equal(receiver.spans.length, 4, stderr)
})
