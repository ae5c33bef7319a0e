import assert from 'node:assert/strict'
import { test } from 'node:test'
import { majorNodeVersions } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { runNode } from '../support/run-node.ts'

/** Events that have to be in the context of their request, each at least once. */
const PLACES = [
  ...['handler', 'microtask', 'timer', 'immediate', 'finish', 'close of the response'].map(
    (place) => `${place} of /slow`,
  ),
  ...['handler', 'timer', 'finish', 'close of the response'].map((place) => `${place} of /ahead`),
  ...['data', 'end', 'finish', 'close of the request', 'close of the response'].flatMap((place) =>
    ['/body', '/chunks', '/ignored'].map((path) => `${place} of ${path}`),
  ),
  ...['aborted', 'close of the request', 'close of the response'].flatMap((place) =>
    ['/hang', '/fails'].map((path) => `${place} of ${path}`),
  ),
  'upgrade',
  'microtask of the upgrade',
  'message',
  'connect',
]

for (const node of majorNodeVersions()) {
  for (const flag of node.label.startsWith('22') ? [undefined] : [undefined, '--no-async-context-frame']) {
    const how = flag === undefined ? '' : `, ${flag}`
    test(`64 connections on Node ${node.label}${how}: no code runs in the context of another request`, async (t) => {
      const receiver = await OtlpReceiver.start(t)
      const { stdout, code } = await runNode(t, {
        app: 'use-contexts.mjs',
        execPath: node.execPath,
        nodeArgs: flag === undefined ? [] : [flag],
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
          OTEL_EXPORTER_PROMETHEUS_PORT: '0',
          OBS_IGNORE_PATHS: '/ignored',
          OBS_FLEET: 'false',
        },
        timeoutMs: 60_000,
      })
      assert.equal(code, 0)
      const { noted, wrong } = JSON.parse(stdout) as { noted: Record<string, number>; wrong: readonly string[] }
      assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} wrong`)
      assert.deepEqual(
        PLACES.filter((place) => noted[place] === undefined),
        [],
      )
      const served = receiver.spans.filter(({ kind }) => kind === 'server')
      const upgrades = served.filter(({ attributes }) => attributes['http.response.status_code'] === 101)
      assert.equal(upgrades.length, 1)
      const tunnels = served.filter(({ name }) => name === 'CONNECT')
      assert.deepEqual(
        tunnels.map(({ attributes }) => attributes['http.response.status_code']),
        [200],
      )
      // One a request, and none of those that are left out.
      const handled = Object.entries(noted).filter(([place]) => /^handler of (?!\/ignored)/.test(place))
      assert.equal(served.length, 2 + handled.reduce((sum, [, times]) => sum + times, 0))
    })
  }
}
