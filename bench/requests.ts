/**
 * `node bench/requests.ts [rounds] [seconds]`: the cost of a request under each preload, over all threads, in
 * interleaved runs. Needs `wrk` and `npm ci --prefix bench/peers`. Writes bench/requests.md.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { writeCosts } from '../scripts/costs.ts'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { type PeerName, startPeers } from './dd-trace.ts'
import { app } from './spawned.ts'
import { median } from './statistics.ts'
import { environmentOf, type Subject } from './subjects.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
const SECONDS = Number(process.argv[3] ?? 4)
/** By then, V8 has optimised the code of a request. */
const WARM_UP_SECONDS = 5

interface Cost {
  /** CPU time in microseconds. */
  readonly micros: number
  readonly rssMegabytes: number
}

interface Scenario {
  readonly name: string
  readonly app: string
  /** Whether the app sends the requests instead of serving them. */
  readonly isClient?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** The target for our overhead, as a fraction of the other preload's. */
  readonly ofUpstream: number
  readonly ofDdTrace: number
}

const SCENARIOS: readonly Scenario[] = [
  { name: '`node:http`', app: 'http', ofUpstream: 0.2, ofDdTrace: 0.3 },
  { name: 'Express 5, two middlewares', app: 'express-middlewares', ofUpstream: 0.12, ofDdTrace: 0.25 },
  { name: 'Fastify 5', app: 'fastify', ofUpstream: 0.2, ofDdTrace: 0.3 },
  {
    name: 'Express 5, `OBS_FRAMEWORK_SPANS=all`',
    app: 'express-middlewares',
    env: { OBS_FRAMEWORK_SPANS: 'all' },
    ofUpstream: 0.35,
    ofDdTrace: 0.7,
  },
  { name: '`http.get`', app: 'client-get', isClient: true, ofUpstream: 0.3, ofDdTrace: 0.2 },
  { name: '`fetch`', app: 'client-fetch', isClient: true, ofUpstream: 0.3, ofDdTrace: 0.2 },
  {
    name: '`node:http`, 1 % sampled',
    app: 'http',
    env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01', DD_TRACE_SAMPLE_RATE: '0.01' },
    ofUpstream: 0.2,
    ofDdTrace: 0.3,
  },
]

const target = createServer((_request, response) => response.end('{"id":"7"}'))
await once(target.listen(0, '127.0.0.1'), 'listening')
const targetPort = (target.address() as AddressInfo).port
const peers = await startPeers()

const collector = await startCollector()
const rows: string[] = []
try {
  for (const scenario of SCENARIOS) {
    console.error(`measuring: ${scenario.name} …`)
    const measured = new Map<PeerName, Cost[]>(peers.subjects.map(({ name }) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const preload of peers.subjects) measured.get(preload.name)?.push(await costOf(scenario, preload))
    }
    rows.push(rowOf(scenario, measured))
    console.error(rows.at(-1))
  }
} finally {
  collector.end()
  peers.end()
  target.close()
}
const text = document()
console.log(text)
writeFileSync(join(import.meta.dirname, 'requests.md'), text)
writeCosts()

async function costOf(scenario: Scenario, preload: Subject<PeerName>): Promise<Cost> {
  const env = { ...environmentOf(preload, collector.port, await freePort()), ...scenario.env }
  const child = spawn(process.execPath, [...preload.nodeArgs, app(`${scenario.app}.cjs`)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const [first] = (await once(child, 'message')) as [{ readonly port?: number }]
    if (scenario.isClient === true) {
      child.send({ port: targetPort })
      await sleep(WARM_UP_SECONDS * 1000)
      const before = await askOf(child)
      await sleep(SECONDS * 1000)
      const after = await askOf(child)
      return costBetween(before, after, after.answered - before.answered)
    }
    const url = `http://127.0.0.1:${first.port}/users/7`
    await load(url, WARM_UP_SECONDS)
    const before = await askOf(child)
    const answered = await load(url, SECONDS)
    return costBetween(before, await askOf(child), answered)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

interface Usage {
  readonly cpu: NodeJS.CpuUsage
  readonly rss: number
  readonly answered: number
}

async function askOf(child: ChildProcess): Promise<Usage> {
  const answer = once(child, 'message')
  child.send({})
  return ((await answer) as [Usage])[0]
}

function costBetween(before: Usage, after: Usage, requests: number): Cost {
  const micros = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system
  return { micros: micros / requests, rssMegabytes: after.rss / 1e6 }
}

/** Returns the number of responses. */
async function load(url: string, seconds: number): Promise<number> {
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c16', '--timeout', '30s', `-d${seconds}s`, url])
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout)
  return Number(/(\d+) requests in/.exec(stdout)?.[1])
}

function rowOf({ name, ofUpstream, ofDdTrace }: Scenario, measured: ReadonlyMap<PeerName, readonly Cost[]>): string {
  const middle = (preload: PeerName, of: keyof Cost): number =>
    median((measured.get(preload) ?? []).map((cost) => cost[of]))
  const over = (preload: PeerName, of: keyof Cost): number => middle(preload, of) - middle('bare', of)
  const cell = (preload: PeerName): string =>
    `+${over(preload, 'micros').toFixed(1)} µs, +${over(preload, 'rssMegabytes').toFixed(0)} MB`
  const share = (of: PeerName, atMost: number): string => {
    const cpu = over('obs', 'micros') / over(of, 'micros')
    const rss = over('obs', 'rssMegabytes') / over(of, 'rssMegabytes')
    return `${percent(cpu)} (≤ ${percent(atMost)}), RSS ${percent(rss)}`
  }
  const bare = `${middle('bare', 'micros').toFixed(1)} µs, ${middle('bare', 'rssMegabytes').toFixed(0)} MB`
  return `| ${[name, bare, cell('obs'), cell('upstream'), cell('dd-trace'), share('upstream', ofUpstream), share('dd-trace', ofDdTrace)].join(' | ')} |`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function versionOf(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version
}

function document(): string {
  const upstream = versionOf(join(import.meta.dirname, '../node_modules/@opentelemetry/auto-instrumentations-node'))
  return `# The cost of a request

Written by \`node bench/requests.ts ${ROUNDS} ${SECONDS}\`: Node ${process.versions.node}, ${availableParallelism()} cores, medians of ${ROUNDS} interleaved rounds of ${SECONDS} s after ${WARM_UP_SECONDS} s
of warm-up, 16 connections. CPU time per request over all threads, and resident memory under that load, as additions to
bare Node.js. Upstream is auto-instrumentations-node ${upstream} with its defaults, dd-trace is ${peers.version}.

| | bare | \`@paxx/obs\` | upstream | dd-trace | share of upstream (target) | share of dd-trace (target) |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
