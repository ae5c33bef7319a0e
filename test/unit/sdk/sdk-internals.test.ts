import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

/** Parts of another SDK than the one whose inside is described: each function leaves the work to the SDK, and says so once. */
const CASES = [
  {
    name: 'a meter provider without its state',
    script: `
      const { replaceStorages } = await import('./src/sdk/metric-storage.ts')
      replaceStorages({}, undefined)
      replaceStorages({ _sharedState: {} }, undefined)`,
    line: /the SDK's meter provider has an unknown shape; metrics have no exemplars/g,
  },
  {
    name: 'a meter that registers its storages elsewhere',
    script: `
      const { replaceStorages } = await import('./src/sdk/metric-storage.ts')
      const meter = {}
      const state = { getMeterSharedState: () => meter }
      replaceStorages({ _sharedState: state }, undefined)
      if (state.getMeterSharedState() !== meter || Object.keys(meter).length > 0) throw new Error('changed')`,
    line: /the SDK's meter has an unknown shape; metrics have no exemplars/g,
  },
  {
    name: 'a collector without its meters',
    script: `
      const { giveWay } = await import('./src/sdk/collect-sliced.ts')
      const { collectNow } = await import('./src/sdk/collect-now.ts')
      const collect = async () => 'the SDK collects'
      const producer = { collect }
      giveWay(producer)
      if (producer.collect !== collect) throw new Error('replaced')
      const { scopeMetrics } = collectNow({ _sdkMetricProducer: producer })
      if (scopeMetrics.length > 0) throw new Error('collected')`,
    line: /the SDK's metric collector has an unknown shape; a collection is not interruptible/g,
  },
] as const

for (const { name, script, line } of CASES) {
  test(`${name}: the SDK does the work in its own way, and one line says so`, () => {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(import.meta.dirname, '../../..'),
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
    assert.equal(stderr.match(line)?.length, 1, stderr)
  })
}
