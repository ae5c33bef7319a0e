/**
 * `node bench/request-parts.ts [app…]`: which part of a request costs what. One process sends and serves its own requests
 * (`apps/request-loop.cjs`). Its CPU profile says which part takes which share of the time; other load on the machine
 * slows all parts alike. Memory is measured with more of the telemetry switched on from row to row; the difference of
 * two rows is the cost of a part. Writes bench/request-parts.md.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { type Collector, startCollector } from './collector.ts'
import { type ProfiledFunction, profileTable } from './request-profile.ts'
import { app } from './spawned.ts'
import { environmentOf, SUBJECTS } from './subjects.ts'

const WARM_UP_REQUESTS = 6000
/** As many as a server under load has answered once its memory has stopped growing. */
const RSS_REQUESTS = 12_000
const PROFILED_REQUESTS = 6000
/** Their garbage must fit into the young generation, so that none of it is collected while it is counted. */
const COUNTED_REQUESTS = 2000
const YOUNG_GENERATION = ['--min-semi-space-size=64', '--max-semi-space-size=64']

const APPS: Readonly<Record<string, string>> = {
  http: 'a server of `node:http`',
  express: 'Express 5, two middlewares',
  fastify: 'Fastify 5',
  get: '`http.get`',
  fetch: '`fetch`',
}

interface Step {
  /** What this step has more than the one before. */
  readonly part: string
  /** Undefined for bare Node.js. */
  readonly env: Readonly<Record<string, string>> | undefined
}

const OFF = { OTEL_TRACES_SAMPLER: 'always_off' }
const STEPS: readonly Step[] = [
  { part: 'bare Node.js', env: undefined },
  {
    part: 'the preload, without the instrumentations of HTTP and of the framework',
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici,express,fastify' },
  },
  { part: 'channels, context, ids, attributes, route', env: { ...OFF, OTEL_METRICS_EXPORTER: 'none' } },
  { part: 'three histogram records', env: { ...OFF, OTEL_METRICS_EXEMPLAR_FILTER: 'always_off' } },
  {
    part: 'a recorded span: encoding and queueing, export worker',
    env: { OTEL_METRICS_EXEMPLAR_FILTER: 'always_off' },
  },
  { part: 'exemplars', env: {} },
]

/** The cost of one request. */
interface Usage {
  readonly bytes: number
  /** Of the process. */
  readonly rssMegabytes: number
}

/** What a process answers, depending on the question. */
interface Answer extends Usage {
  readonly ownMicros: number
  readonly allMicros: number
  readonly nodes: readonly ProfiledFunction[]
}

interface Profile {
  readonly functions: readonly ProfiledFunction[]
  /** The time of all other threads, as a percentage of that of the app's thread. */
  readonly otherThreads: number
}

interface Measured {
  readonly usages: readonly Usage[]
  readonly bare: Profile
  readonly obs: Profile
}

/** The apps to measure; all by default. */
const NAMES = process.argv.slice(2)

const collector = await startCollector()
const tables: string[] = []
try {
  for (const [name, what] of Object.entries(APPS)) {
    if (NAMES.length > 0 && !NAMES.includes(name)) continue
    console.error(`measuring: ${what} …`)
    tables.push(tablesOf(what, await measured(name, collector)))
    console.error(tables.at(-1))
  }
} finally {
  collector.end()
}
writeFileSync(join(import.meta.dirname, 'request-parts.md'), document())

async function measured(name: string, collector: Collector): Promise<Measured> {
  const usages: Usage[] = []
  const profiles: Profile[] = []
  for (const step of STEPS) {
    const bytes = await bytesOf(name, step, collector)
    const { rssMegabytes, profile } = await loadOf(name, step, collector)
    usages.push({ bytes, rssMegabytes })
    profiles.push(profile)
  }
  return { usages, bare: profiles[0] as Profile, obs: profiles.at(-1) as Profile }
}

/** Returns the bytes that a request allocates on the heap. */
async function bytesOf(name: string, step: Step, collector: Collector): Promise<number> {
  const child = await started(name, step, collector, YOUNG_GENERATION)
  try {
    await asked(child, { requests: WARM_UP_REQUESTS })
    const { bytes } = await asked(child, { bytes: COUNTED_REQUESTS })
    return bytes
  } finally {
    child.kill('SIGKILL')
  }
}

/** Measures with the young generation that Node.js has by default. */
async function loadOf(
  name: string,
  step: Step,
  collector: Collector,
): Promise<{ readonly rssMegabytes: number; readonly profile: Profile }> {
  const child = await started(name, step, collector, [])
  try {
    const { rssMegabytes, ownMicros, allMicros } = await asked(child, { requests: RSS_REQUESTS })
    const { nodes: functions } = await asked(child, { profiled: PROFILED_REQUESTS })
    return { rssMegabytes, profile: { functions, otherThreads: (100 * (allMicros - ownMicros)) / ownMicros } }
  } finally {
    child.kill('SIGKILL')
  }
}

async function started(
  name: string,
  { env }: Step,
  { port: sink }: Collector,
  nodeArgs: readonly string[],
): Promise<ChildProcess> {
  const [bare, , obs] = SUBJECTS
  const subject = env === undefined ? bare : obs
  if (subject === undefined) throw new Error('no subject')
  const args = ['--expose-gc', ...nodeArgs, ...subject.nodeArgs, app('request-loop.cjs'), name]
  const child = spawn(process.execPath, args, {
    env: { ...environmentOf(subject, sink, await freePort()), ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return child
}

async function asked(
  child: ChildProcess,
  question: { readonly requests?: number; readonly bytes?: number; readonly profiled?: number },
): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(question)
  return ((await answer) as [Answer])[0]
}

function tablesOf(what: string, { usages, bare, obs }: Measured): string {
  const lines = STEPS.map(({ part }, index) => {
    const usage = usages[index] as Usage
    const before = index === 0 ? undefined : usages[index - 1]
    const cell = (of: keyof Usage): string => {
      const value = usage[of] - (before?.[of] ?? 0)
      return `${before === undefined || value < 0 ? '' : '+'}${value.toFixed(0)}`
    }
    return `| ${part} | ${cell('bytes')} B | ${cell('rssMegabytes')} MB |`
  })
  return `## ${what}

| part of the app's thread | share of Node.js and the app | bare |
| --- | ---: | ---: |
${profileTable(obs.functions, bare.functions)}
| all other threads, relative to the app's whole thread | ${obs.otherThreads.toFixed(1)} | ${bare.otherThreads.toFixed(1)} |

| part | allocated | RSS |
| --- | ---: | ---: |
${lines.join('\n')}`
}

function document(): string {
  return `# Which part of a request costs what

Written by \`${['node bench/request-parts.ts', ...NAMES].join(' ')}\`: Node ${process.versions.node}, ${availableParallelism()} cores. The other end of the connections is in the same process.
The first table of each app is from CPU profiles: the time of each part for 100 of Node.js and the app itself; what
Node.js does more, such as calling subscribers, is not in it. The second has the bytes that a request allocates on the heap of the app's thread, and the memory of the
process after ${RSS_REQUESTS} requests. Each row is what it adds to the one before.

${tables.join('\n\n')}
`
}
