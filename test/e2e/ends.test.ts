import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { type End, ENDS, runEnd, type RunningCollector, startCollectors } from '../support/ends.ts'
import { CURRENT_NODE, edgeNodeVersions, rowsOn } from '../support/matrix.ts'
import type { NodeVersion } from '../support/matrix.ts'
import { splitStderr } from '../support/own-lines.ts'
import type { RunResult } from '../support/running-process.ts'

/**
 * Every way a process ends, under every kind of collector: exit code, signal, stdout and stderr are those of bare Node, all
 * spans arrive where somebody takes them, and no end takes longer than its deadline. `node bench/ends.ts` has the figures of
 * a quiet machine, beside upstream's.
 */
const EXIT_DEADLINE_MS = 500
const SIGNAL_DEADLINE_MS = 2000
/** Where nothing may be lost: on a machine with other work the defaults can be over before the export worker is up. */
const LONG_DEADLINE_MS = 30_000
/** Start-up of the preload and of the export worker, on a machine that has other work. */
const SLACK_MS = 20_000
/** With every end of the current version, and some of each other version. The other collectors are tried with typical ends. */
const MAIN_COLLECTOR = 'good'
const EVERYTHING = process.env['OBS_TEST_MATRIX'] === 'all'
/** With these, every end of the current version if everything is tried, and one of three otherwise. */
const OTHER_COLLECTORS = EVERYTHING ? /silent|closed/ : /closed/

const bare = new Map<string, Promise<RunResult>>()
const closers: (() => unknown)[] = []
let collectors: readonly RunningCollector[] = []

before(async () => {
  collectors = await startCollectors({ after: (close: () => unknown) => void closers.push(close) })
})
after(async () => {
  for (const close of closers) await close()
})

for (const node of edgeNodeVersions()) {
  test(`Node ${node.label}: ends`, { concurrency: 3 }, async (t) => {
    const laterMs = new Map(collectors.map(({ label }) => [label, [] as number[]]))
    await Promise.all(
      ENDS.flatMap((end) =>
        collectors
          .filter((collector) => isTried(node, end, collector))
          .map((collector) =>
            t.test(`${end.name}, ${collector.label}`, async (row) => {
              laterMs.get(collector.label)?.push(await checkEnd(row, node, end, collector))
            }),
          ),
      ),
    )
    for (const [label, all] of laterMs) {
      if (all.length === 0) continue
      const sorted = all.toSorted((a, b) => a - b).map(Math.round)
      t.diagnostic(
        `${label}: ${sorted[Math.floor(sorted.length / 2)]} ms later than bare Node, at most ${sorted.at(-1)}`,
      )
    }
  })
}

function isTried(node: NodeVersion, end: End, { label }: RunningCollector): boolean {
  if (label === MAIN_COLLECTOR) return end.typical || rowsOn(node, ENDS).includes(end)
  if (node !== CURRENT_NODE) return false
  if (EVERYTHING) return end.typical || OTHER_COLLECTORS.test(label)
  // Of the typical ends, every second one with the collectors that others resemble.
  const index = ENDS.indexOf(end)
  const typicalIndex = ENDS.filter(({ typical }) => typical).indexOf(end)
  return (
    (OTHER_COLLECTORS.test(label) && index % 3 === 1) ||
    (end.typical && (typicalIndex % 2 === 0 || /silent|closed/.test(label)))
  )
}

/** Returns by how many milliseconds the end was later than without the preload. */
async function checkEnd(t: TestContext, node: NodeVersion, end: End, collector: RunningCollector): Promise<number> {
  const { execPath, label } = node
  const service = `${label} ${end.name} ${collector.label}`
  const key = `${label} ${end.name}`
  const expected = bare.get(key) ?? runEnd(t, end, { execPath, preload: 'none' })
  bare.set(key, expected)
  const without = await expected
  const delivers = collector.delivers === 'always' || (collector.delivers === 'in time' && end.bySignal)
  const long = { OBS_EXIT_FLUSH_TIMEOUT: `${LONG_DEADLINE_MS}`, OBS_SIGNAL_FLUSH_TIMEOUT: `${LONG_DEADLINE_MS}` }
  const result = await runEnd(t, end, {
    execPath,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_SERVICE_NAME: service,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'warn',
      ...(delivers ? long : {}),
    },
  })
  const { own, app } = splitStderr(result.stderr)
  assert.deepEqual([result.code, result.signal], [without.code, without.signal])
  assert.equal(result.stdout, without.stdout)
  assert.deepEqual(withoutPositions(app), withoutPositions(splitStderr(without.stderr).app))
  const deadlineMs = end.bySignal ? SIGNAL_DEADLINE_MS : EXIT_DEADLINE_MS
  const mostMs = delivers ? LONG_DEADLINE_MS : deadlineMs + SLACK_MS
  const laterMs = result.elapsedMs - without.elapsedMs
  assert.ok(laterMs < mostMs, `${Math.round(laterMs)} ms later than bare Node`)
  if (delivers) assert.equal(collector.received(service), end.spans)
  else assert.ok(own.length <= 3, `at most a line for the trouble and one for the loss:\n${own.join('\n')}`)
  return laterMs
}

/** In node's own files: one listener of `exit` and two are called from different lines. */
function withoutPositions(stack: readonly string[]): string[] {
  return stack.map((line) => line.replace(/(\(node:[^:]+):\d+:\d+/, '$1'))
}
