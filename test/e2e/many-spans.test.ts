import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServingApp } from '../support/serving-app.ts'

/** What bounds the queue; each span is more than 500 bytes. */
const BOUNDS: readonly Record<string, string>[] = [
  {},
  { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100' },
  { OTEL_BSP_MAX_QUEUE_SIZE: '100000', OBS_MAX_RETAINED_BYTES: '1000000', OBS_MAX_EXPORT_BYTES: '100000' },
]

for (const env of BOUNDS) {
  test(`a request that makes 5,000 spans keeps its SERVER span, ${JSON.stringify(env)}`, async (t) => {
    const app = await startServingApp(t, { app: 'use-many-spans.mjs', env })
    await app.get('/list')
    const spans = await app.receiver.waitForSpans((all) => all.some(({ kind }) => kind === 'server'))
    assert.ok(spans.length < 5_000, `nothing was dropped: ${spans.length}`)
  })
}
