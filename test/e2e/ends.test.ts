import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { CURRENT_NODE, nodeVersions } from '../support/matrix.ts'
import { spansOf } from '../support/otlp-decode.ts'
import { accept, acceptAfter, reject } from '../support/otlp-reply.ts'
import type { Reply } from '../support/otlp-reply.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedRequest } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { closedUrl, startRawPeer } from '../support/raw-peer.ts'
import { runNode } from '../support/run-node.ts'
import type { RunResult } from '../support/running-process.ts'

/**
 * Every way a process ends, under every kind of collector: exit code, signal, stdout and stderr are those of bare Node, all
 * spans arrive where somebody takes them, and no end takes longer than its deadline.
 */
interface End {
  readonly name: string
  /** How many spans there are, when not three. */
  readonly spans?: number
  readonly bySignal?: boolean
}

const ENDS: readonly End[] = [
  { name: 'natural' },
  { name: 'exitCode' },
  { name: 'exit in a timer' },
  { name: 'exit at once' },
  { name: 'exit in an exit listener', spans: 4 },
  { name: 'a span in an exit listener', spans: 4 },
  { name: 'a span in a beforeExit listener', spans: 4 },
  { name: 'reallyExit' },
  { name: 'uncaught exception' },
  { name: 'uncaught exception in a timer' },
  { name: 'uncaught exception with a monitor' },
  { name: 'unhandled rejection' },
  { name: 'stack overflow' },
  { name: 'unsettled top-level await' },
  { name: 'SIGTERM', bySignal: true },
  { name: 'SIGINT', bySignal: true },
  { name: 'SIGHUP', bySignal: true },
  { name: 'SIGTERM that the app handles', spans: 4 },
  { name: 'SIGTERM that the app handles once', spans: 4, bySignal: true },
  { name: 'SIGINT that the app ignores until it is done' },
  { name: 'a worker that is terminated' },
  { name: 'a cluster that disconnects' },
  { name: 'a child of its own' },
]

const EXIT_DEADLINE_MS = 500
const SIGNAL_DEADLINE_MS = 2000
/** Where nothing may be lost: on a machine with other work the defaults can be over before the export worker is up. */
const LONG_DEADLINE_MS = 10_000
/** Start-up of the preload and of the export worker, on a machine that has other work. */
const SLACK_MS = 2500

interface Collector {
  readonly label: string
  /** Where all spans arrive: `in time` needs the deadline of a signal. */
  readonly delivers: 'always' | 'in time' | 'never'
  readonly reply?: (request: ReceivedRequest) => Reply
  readonly url?: (t: Pick<TestContext, 'after'>) => Promise<string>
}

const COLLECTORS: readonly Collector[] = [
  { label: 'good', delivers: 'always', reply: () => accept },
  { label: 'UNAVAILABLE at first', delivers: 'always', reply: firstOfEach(reject('UNAVAILABLE')) },
  { label: 'slow by a second', delivers: 'in time', reply: () => acceptAfter(1000) },
  { label: 'closed', delivers: 'never', url: closedUrl },
  { label: 'silent', delivers: 'never', url: async (t) => (await startRawPeer(t, 'silent')).url },
  { label: 'resetting', delivers: 'never', url: async (t) => (await startRawPeer(t, 'reset')).url },
  { label: 'garbage', delivers: 'never', url: async (t) => (await startRawPeer(t, 'garbage')).url },
]

const bare = new Map<string, Promise<RunResult>>()
const closers: (() => unknown)[] = []
const lifetime = { after: (close: () => unknown): void => void closers.push(close) } as Pick<TestContext, 'after'>
const receivers = new Map<string, OtlpReceiver>()
const urls = new Map<string, string>()

before(async () => {
  for (const { label, reply, url } of COLLECTORS) {
    if (reply !== undefined) {
      const receiver = await OtlpReceiver.start(lifetime, { reply })
      receivers.set(label, receiver)
      urls.set(label, receiver.grpcUrl)
    } else if (url !== undefined) {
      urls.set(label, await url(lifetime))
    }
  }
})
after(async () => {
  for (const close of closers) await close()
})

for (const node of nodeVersions()) {
  // What a version of Node may change is the end itself, not what a broken collector does to it.
  const collectors =
    node === CURRENT_NODE ? COLLECTORS : COLLECTORS.filter(({ label }) => /good|silent|closed/.test(label))
  test(`Node ${node.label}: ends`, { concurrency: 3 }, async (t) => {
    await Promise.all(
      ENDS.flatMap((end) =>
        collectors.map((collector) =>
          t.test(`${end.name}, ${collector.label}`, (row) => checkEnd(row, node, end, collector)),
        ),
      ),
    )
  })
}

async function checkEnd(
  t: TestContext,
  { execPath, label }: { execPath: string; label: string },
  end: End,
  collector: Collector,
): Promise<void> {
  const service = `${label} ${end.name} ${collector.label}`
  const key = `${label} ${end.name}`
  const expected = bare.get(key) ?? runNode(t, { execPath, app: 'use-end.mjs', args: [end.name], preload: 'none' })
  bare.set(key, expected)
  const without = await expected
  const delivers = collector.delivers === 'always' || (collector.delivers === 'in time' && end.bySignal === true)
  const long = { OBS_EXIT_FLUSH_TIMEOUT: `${LONG_DEADLINE_MS}`, OBS_SIGNAL_FLUSH_TIMEOUT: `${LONG_DEADLINE_MS}` }
  const result = await runNode(t, {
    execPath,
    app: 'use-end.mjs',
    args: [end.name],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: urls.get(collector.label),
      OTEL_SERVICE_NAME: service,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'warn',
      ...(delivers ? long : {}),
    },
  })
  const { own, app } = splitStderr(result.stderr)
  assert.deepEqual([result.code, result.signal], [without.code, without.signal])
  assert.equal(result.stdout, without.stdout)
  assert.deepEqual(app, splitStderr(without.stderr).app)
  const deadlineMs = end.bySignal === true ? SIGNAL_DEADLINE_MS : EXIT_DEADLINE_MS
  const laterMs = result.elapsedMs - without.elapsedMs
  assert.ok(laterMs < deadlineMs + SLACK_MS, `${Math.round(laterMs)} ms later than bare Node`)
  if (!delivers) {
    assert.ok(own.length <= 3, `at most a line for the trouble and one for the loss:\n${own.join('\n')}`)
    return
  }
  const received = receivers.get(collector.label)?.spans.filter(({ resource }) => resource['service.name'] === service)
  assert.equal(received?.filter(({ scope }) => scope === 'ends').length, end.spans ?? 3)
}

/** The first call of each process gets `reply`. */
function firstOfEach(reply: Reply): (request: ReceivedRequest) => Reply {
  const seen = new Set<string>()
  return ({ body }) => {
    const service = String(spansOf(body)[0]?.resource['service.name'])
    if (seen.has(service)) return accept
    seen.add(service)
    return reply
  }
}
