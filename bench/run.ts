/**
 * `npm run bench`: compares bare Node.js, upstream's preload and this one in interleaved runs, since only ratios within
 * one run on one machine are meaningful. `--quick` takes two minutes instead of six and writes no file.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { costOfRequest } from './cpu.ts'
import { installSizes } from './install-size.ts'
import { installRows, limitedRow, overheadRow, sentRow, table } from './report.ts'
import type { Row } from './report.ts'
import type { Ports } from './spawned.ts'
import { memory, startUp } from './start-up.ts'

const ROOT = join(import.meta.dirname, '..')
const quick = process.argv.includes('--quick')
const plan = quick
  ? { starts: 7, load: { rounds: 1, warmUpSeconds: 1, seconds: 2 } }
  : { starts: 21, load: { rounds: 3, warmUpSeconds: 2, seconds: 5 } }

const upstreamVersion = (
  JSON.parse(
    readFileSync(join(ROOT, 'node_modules/@opentelemetry/auto-instrumentations-node/package.json'), 'utf8'),
  ) as { version: string }
).version

const rows: Row[] = []
const collector = await startCollector()
try {
  const ports: Ports = { sink: collector.port, side: await freePort() }
  say('start-up, empty script')
  rows.push(overheadRow('start-up, empty script', 'ms', await startUp('empty', plan.starts, ports), 0.12))
  say('start-up, Express app')
  rows.push(overheadRow('start-up, Express app', 'ms', await startUp('express-start', plan.starts, ports), 0.15))
  say('start-up, switched off')
  const off = { OTEL_SDK_DISABLED: 'true' }
  rows.push(limitedRow('start-up, switched off', 'ms', await startUp('empty', plan.starts, ports, off), 5))
  say('memory')
  rows.push(overheadRow('memory, empty script', 'MB', await memory(Math.ceil(plan.starts / 2), ports), 0.4))
  for (const name of ['http', 'express', 'fastify'] as const) {
    say(`processor time a request, ${name}`)
    const { cpuMicros, sentBytes, megabytes } = await costOfRequest(name, plan.load, ports, collector)
    rows.push(overheadRow(`CPU a request, ${name}`, 'µs', cpuMicros, 1), sentRow(`sent a request, ${name}`, sentBytes))
    if (name === 'http') rows.push(overheadRow('memory under load, http', 'MB', megabytes, 0.75))
  }
  say('installed size')
  const { upstream, obs } = installSizes(upstreamVersion)
  rows.push(...installRows(upstream, obs))
} finally {
  collector.end()
}

const results = table(rows, upstreamVersion)
console.log(`\n${results}`)
if (!quick) writeFileSync(join(import.meta.dirname, 'results.md'), document())

function say(what: string): void {
  console.error(`measuring: ${what} …`)
}

function document(): string {
  return `# The cost of telemetry

Written by \`npm run bench\`: Node ${process.versions.node}, ${availableParallelism()} cores, medians of one interleaved run. The columns of upstream and
@paxx/obs are additions to bare Node.js; \`share\` is ours relative to upstream's. Both send traces over OTLP/gRPC to a local
collector and serve metrics for Prometheus; upstream runs without its cloud detectors, which wait for the network, and
its default set has no instrumentation of Fastify.

${results}
`
}
