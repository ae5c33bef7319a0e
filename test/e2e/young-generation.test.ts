import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runNode } from '../support/run-node.ts'

/** A request of Express takes more than 10 kB; what survives bare are a few objects of the client that sends them. */
const MAX_SURVIVING_BYTES = 500

// What survives makes V8 enlarge the young generation, to up to a hundred megabytes, and copy it again and again.
for (const spans of ['none', 'all']) {
  test(`a request of Express does not outlive V8's young generation, OBS_FRAMEWORK_SPANS=${spans}`, async (t) => {
    const { stdout } = await runNode(t, {
      app: 'use-young-generation.cjs',
      nodeArgs: ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
      env: { OBS_FRAMEWORK_SPANS: spans, OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
    })
    const { bytes } = JSON.parse(stdout) as { bytes: number }
    assert.ok(bytes < MAX_SURVIVING_BYTES, `${bytes} bytes of a request survived`)
  })
}
