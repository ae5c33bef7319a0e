import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import type { PeerName, Peers } from './dd-trace.ts'
import { app } from './spawned.ts'
import { median } from './statistics.ts'
import { environmentOf, type Subject } from './subjects.ts'

/** How long each process is measured, per scenario. */
export interface RequestPlan {
  readonly rounds: number
  readonly seconds: number
  /** By its end, V8 should have optimised the code of a request. */
  readonly warmUpSeconds: number
}

/** The cost of one request in one process. */
export interface Cost {
  /** CPU time over all threads, in microseconds. */
  readonly micros: number
  readonly rssMegabytes: number
}

export interface Scenario {
  readonly name: string
  readonly app: string
  /** Whether the app sends the requests instead of serving them. */
  readonly isClient?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** The target for our overhead, as a fraction of the other preload's; none for a scenario without one. */
  readonly ofUpstream?: number
  readonly ofDdTrace?: number
  /** The target for our memory, as a fraction of that of both others. */
  readonly ofMemory?: number
}

export const SAMPLED = '`node:http`'
export const UNSAMPLED = '`node:http`, 1 % sampled'

export const SCENARIOS: readonly Scenario[] = [
  { name: SAMPLED, app: 'http', ofUpstream: 0.2, ofDdTrace: 0.3, ofMemory: 0.25 },
  {
    name: 'Express 5, two middlewares',
    app: 'express-middlewares',
    ofUpstream: 0.12,
    ofDdTrace: 0.25,
    ofMemory: 0.25,
  },
  { name: 'Fastify 5', app: 'fastify', ofUpstream: 0.2, ofDdTrace: 0.3, ofMemory: 0.25 },
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
    name: UNSAMPLED,
    app: 'http',
    env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01', DD_TRACE_SAMPLE_RATE: '0.01' },
  },
]

/** The medians of one scenario. */
export interface RequestCosts {
  readonly scenario: Scenario
  readonly bySubject: Readonly<Record<PeerName, Cost>>
}

/** Measures all scenarios, in each of them one process after another and round after round. */
export async function requestCosts(
  plan: RequestPlan,
  peers: Peers,
  sinkPort: number,
  say: (what: string) => void,
): Promise<RequestCosts[]> {
  const target = createServer((_request, response) => response.end('{"id":"7"}'))
  // The clients wait for their turn with open connections.
  target.keepAliveTimeout = 0
  await once(target.listen(0, '127.0.0.1'), 'listening')
  const { port } = target.address() as AddressInfo
  const costs: RequestCosts[] = []
  try {
    for (const scenario of SCENARIOS) {
      say(`a request, ${scenario.name}`)
      costs.push({ scenario, bySubject: await costsOf(scenario, plan, peers, { sink: sinkPort, target: port }) })
    }
  } finally {
    target.close()
    target.closeAllConnections()
  }
  return costs
}

interface Running {
  readonly name: PeerName
  readonly child: ChildProcess
  /** The port that it serves. */
  readonly port: number
  readonly costs: Cost[]
}

async function costsOf(
  scenario: Scenario,
  { rounds, seconds, warmUpSeconds }: RequestPlan,
  { subjects }: Peers,
  ports: { readonly sink: number; readonly target: number },
): Promise<Record<PeerName, Cost>> {
  const running: Running[] = []
  try {
    for (const subject of subjects) {
      const started = await start(scenario, subject, ports.sink)
      running.push(started)
      if (scenario.isClient === true) started.child.send({ port: ports.target })
      await run(scenario, started, warmUpSeconds)
    }
    for (let round = 0; round < rounds; round++) {
      for (const each of running) each.costs.push(await run(scenario, each, seconds))
    }
  } finally {
    for (const { child } of running) child.kill('SIGKILL')
  }
  const middle = (costs: readonly Cost[], of: keyof Cost): number => median(costs.map((cost) => cost[of]))
  return Object.fromEntries(
    running.map(({ name, costs }) => [
      name,
      { micros: middle(costs, 'micros'), rssMegabytes: middle(costs, 'rssMegabytes') },
    ]),
  ) as Record<PeerName, Cost>
}

async function start(scenario: Scenario, subject: Subject<PeerName>, sinkPort: number): Promise<Running> {
  const child = spawn(process.execPath, [...subject.nodeArgs, app(`${scenario.app}.cjs`)], {
    env: { ...environmentOf(subject, sinkPort, await freePort()), ...scenario.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [first] = (await once(child, 'message')) as [{ readonly port?: number }]
  return { name: subject.name, child, port: first.port ?? 0, costs: [] }
}

/** Lets one process serve or send requests for a while, and returns the cost of each. */
async function run({ isClient }: Scenario, { child, port }: Running, seconds: number): Promise<Cost> {
  if (isClient !== true) {
    const before = await askOf(child)
    const answered = await load(`http://127.0.0.1:${port}/users/7`, seconds)
    return costBetween(before, await askOf(child), answered)
  }
  // A client sends as long as it runs.
  child.kill('SIGCONT')
  const before = await askOf(child)
  await sleep(seconds * 1000)
  const after = await askOf(child)
  child.kill('SIGSTOP')
  return costBetween(before, after, after.answered - before.answered)
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
