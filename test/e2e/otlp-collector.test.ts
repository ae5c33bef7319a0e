import assert from 'node:assert/strict'
import { chmodSync, existsSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { runNode, startNode } from '../support/run-node.ts'
import { type RunningProcess, startProcess } from '../support/running-process.ts'
import { toolScript, withoutTools } from '../support/tools.ts'
import { eventually } from '../support/eventually.ts'

/** Against a collector in another language, whose HTTP/2, gRPC and OTLP are nobody's of Node.js: Rotel, in Rust. */

const ROTEL = toolScript('rotel-agent-linux-x64/bin/rotel-agent')
const skip = withoutTools() || (existsSync(ROTEL) ? false : 'there is no Rotel for this platform')

interface Collector {
  readonly grpcUrl: string
  readonly httpUrl: string
  /** How many spans it says it received so far. */
  received(): number
  /** How many spans each request brought that it received so far. */
  receivedByRequest(): readonly number[]
  restart(): Promise<void>
}

async function startCollector(t: TestContext): Promise<Collector> {
  chmodSync(ROTEL, 0o755)
  const [grpc, http] = [await freePort(), await freePort()]
  const args = ['--otlp-grpc-endpoint', `127.0.0.1:${grpc}`, '--otlp-http-endpoint', `127.0.0.1:${http}`]
  const start = async (): Promise<RunningProcess> => {
    const running = startProcess(t, ROTEL, [
      '--log-format',
      'json',
      'start',
      '--exporter',
      'blackhole',
      '--debug-log',
      'traces',
      ...args,
    ])
    await running.waitFor(/Starting Rotel/)
    return running
  }
  const started = [await start()]
  const receivedByRequest = (): number[] => {
    const lines = started.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line.includes('Received ')))
    return lines.map((line) => Number(/"spans":(\d+)/.exec(line)?.[1]))
  }
  return {
    grpcUrl: `http://localhost:${grpc}`,
    httpUrl: `http://localhost:${http}`,
    received: () => receivedByRequest().reduce((sum, count) => sum + count, 0),
    receivedByRequest,
    async restart() {
      started.at(-1)?.kill('SIGTERM')
      await started.at(-1)?.exited
      started.push(await start())
    },
  }
}

const BURST = `
  const tracer = require('@opentelemetry/api').trace.getTracer('burst')
  for (let index = 0; index < 1300; index++) tracer.startSpan('s', { attributes: { text: 'x'.repeat(200) } }).end()`

const ENV = { OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOG_LEVEL: 'warn', OBS_EXIT_FLUSH_TIMEOUT: '10000' }

test('a collector written in Rust accepts everything', { skip }, async (t) => {
  const collector = await startCollector(t)
  for (const [protocol, compression] of [
    ['grpc', 'none'],
    ['grpc', 'gzip'],
    ['http/protobuf', 'none'],
    ['http/protobuf', 'gzip'],
  ] as const) {
    await t.test(`${protocol}, ${compression}`, async (row) => {
      const before = collector.received()
      const { stderr } = await runNode(row, {
        nodeArgsAfter: ['-e', BURST],
        env: {
          ...ENV,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_COMPRESSION: compression,
          OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl,
        },
      })
      // Metrics, too: what is not taken is a line.
      assert.equal(stderr, '')
      await eventually(async () => assert.equal(collector.received() - before, 1300))
    })
  }
})

test('a restarted collector receives what was buffered meanwhile', { skip }, async (t) => {
  const collector = await startCollector(t)
  const spans = 20
  const script = `
    const tracer = require('@opentelemetry/api').trace.getTracer('t')
    let left = ${spans}
    const timer = setInterval(() => {
      tracer.startSpan('s').end()
      if (--left === 0) clearInterval(timer)
    }, 100)`
  const running = startNode(t, {
    nodeArgsAfter: ['-e', script],
    env: {
      ...ENV,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl,
    },
  })
  await eventually(async () => collector.received() > 1)
  await collector.restart()
  assert.doesNotMatch((await running.exited).stderr, /dropped/)
  await eventually(() => assert.ok(collector.received() >= spans, `${collector.received()} of ${spans} spans`))
  // A collector that is ended can take a batch and leave it unanswered: that one batch, and no other, is sent twice.
  const requests = collector.receivedByRequest()
  assert.ok(collector.received() - spans <= Math.max(...requests), `spans by request: ${requests.join(', ')}`)
})
