/**
 * `npm run bench`: compares bare Node.js, upstream's preload and this one in interleaved runs, since only ratios within
 * one run on one machine are meaningful. `--quick` takes three minutes instead of ten and writes no file.
 * Needs `npm ci --prefix bench/peers`, and `npm ci --prefix test/matrix/frameworks` for Nest.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { writeCosts } from '../scripts/costs.ts'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { startPeers } from './dd-trace.ts'
import { installSizes } from './install-size.ts'
import { installRows, limitedRow, overheadRow, table } from './report.ts'
import type { Row } from './report.ts'
import { requestCosts } from './request-costs.ts'
import { requestReport } from './request-report.ts'
import type { Ports } from './spawned.ts'
import { type EndingApp, idleMemory, memory, startUp } from './start-up.ts'
import { SUBJECTS, upstreamVersion } from './subjects.ts'

const quick = process.argv.includes('--quick')
const plan = quick
  ? { starts: 5, idle: 2, requests: { rounds: 1, seconds: 1, warmUpSeconds: 1 } }
  : { starts: 13, idle: 3, requests: { rounds: 5, seconds: 2, warmUpSeconds: 3 } }

/** The apps whose start is measured, with the target as a fraction of upstream's overhead. */
const STARTS: readonly (readonly [what: string, app: EndingApp, ofUpstream: number])[] = [
  ['start-up, empty script', 'empty', 0.03],
  ['start-up, Express app', 'express-start', 0.05],
  ['start-up, Fastify app (ESM)', 'fastify-start', 0.06],
  ['start-up, Nest app', 'nest-start', 0.06],
]

const rows: Row[] = []
let requests = ''
const collector = await startCollector()
const peers = await startPeers()
try {
  const ports: Ports = { sink: collector.port, side: await freePort() }
  for (const [what, app, ofUpstream] of STARTS) {
    say(what)
    rows.push(overheadRow(what, 'ms', await startUp(app, plan.starts, ports, peers.subjects), ofUpstream))
  }
  say('start-up, switched off')
  const off = { OTEL_SDK_DISABLED: 'true' }
  rows.push(limitedRow('start-up, switched off', 'ms', await startUp('empty', plan.starts, ports, SUBJECTS, off), 1))
  say('a script with one span')
  rows.push(limitedRow('one span, whole run', 'ms', await startUp('one-span', plan.starts, ports, SUBJECTS), 80))
  say('memory')
  const scripts = await memory(Math.ceil(plan.starts / 2), ports, peers.subjects)
  rows.push(overheadRow('memory, empty script', 'MB', scripts, 0.06))
  const idle = await idleMemory(plan.idle, ports, peers.subjects)
  rows.push(overheadRow('memory, idle Express app, scraped', 'MB', idle, 0.2))
  const costs = await requestCosts(plan.requests, peers, collector.port, say)
  requests = requestReport(costs, plan.requests, {
    upstream: upstreamVersion,
    ddTrace: peers.version,
    command: 'npm run bench',
  })
  say('installed size')
  const { upstream, obs } = installSizes(upstreamVersion)
  rows.push(...installRows(upstream, obs))
} finally {
  collector.end()
  peers.end()
}

const results = table(rows, upstreamVersion, peers.version)
console.log(`\n${results}\n\n${requests}`)
if (!quick) {
  writeFileSync(join(import.meta.dirname, 'results.md'), document())
  writeFileSync(join(import.meta.dirname, 'requests.md'), requests)
  writeCosts()
}

function say(what: string): void {
  console.error(`measuring: ${what} …`)
}

function document(): string {
  return `# The cost of telemetry

Written by \`npm run bench\`: Node ${process.versions.node}, ${availableParallelism()} cores, medians of one interleaved run. The columns of upstream, dd-trace and
@paxx/obs are additions to bare Node.js; \`share\` is ours relative to upstream's. Both send traces over OTLP/gRPC to a local
collector and serve metrics for Prometheus; upstream runs without its cloud detectors, which wait for the network, and
its default set has no instrumentation of Fastify. What a request costs is in requests.md.

${results}
`
}
