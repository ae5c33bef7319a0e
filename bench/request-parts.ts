/**
 * `node bench/request-parts.ts [rounds]`: which part of a request costs what. One process sends and serves its own
 * requests (`apps/request-loop.cjs`), with more of the telemetry switched on from row to row; the difference of two
 * rows is the cost of a part. Interleaved rounds; of each process the cheapest, since other load only adds. Writes
 * bench/request-parts.md.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { type Collector, startCollector } from './collector.ts'
import { app } from './spawned.ts'
import { environmentOf, SUBJECTS } from './subjects.ts'

const ROUNDS = Number(process.argv[2] ?? 10)
const REQUESTS = 3000
const WARM_UP_REQUESTS = 20_000
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
  { part: 'metrics', env: OFF },
  { part: 'a recorded span: encoding, batch, exemplars', env: {} },
]

/** Of one request. */
interface Usage {
  readonly ownMicros: number
  readonly allMicros: number
  readonly bytes: number
}

const collector = await startCollector()
const tables: string[] = []
try {
  for (const [name, what] of Object.entries(APPS)) {
    console.error(`measuring: ${what} …`)
    tables.push(tableOf(what, await usagesOf(name, collector)))
    console.error(tables.at(-1))
  }
} finally {
  collector.end()
}
writeFileSync(join(import.meta.dirname, 'request-parts.md'), document())

async function usagesOf(name: string, { port: sink }: Collector): Promise<Usage[]> {
  const children: ChildProcess[] = []
  try {
    for (const { env } of STEPS) {
      const [bare, , obs] = SUBJECTS
      const subject = env === undefined ? bare : obs
      if (subject === undefined) throw new Error('no subject')
      const args = ['--expose-gc', ...YOUNG_GENERATION, ...subject.nodeArgs, app('request-loop.cjs'), name]
      const child = spawn(process.execPath, args, {
        env: { ...environmentOf(subject, sink, await freePort()), ...env },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      children.push(child)
      await once(child, 'message')
      await asked(child, { requests: WARM_UP_REQUESTS })
    }
    const usages = children.map((): Usage => ({ ownMicros: Infinity, allMicros: Infinity, bytes: Infinity }))
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, child] of children.entries()) {
        const least = usages[index] as Usage
        const { ownMicros, allMicros } = await asked(child, { requests: REQUESTS })
        const { bytes } = await asked(child, { bytes: COUNTED_REQUESTS })
        usages[index] = {
          ownMicros: Math.min(least.ownMicros, ownMicros),
          allMicros: Math.min(least.allMicros, allMicros),
          bytes: Math.min(least.bytes, bytes),
        }
      }
    }
    return usages
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

async function asked(
  child: ChildProcess,
  question: { readonly requests?: number; readonly bytes?: number },
): Promise<Usage> {
  const answer = once(child, 'message')
  child.send(question)
  return ((await answer) as [Usage])[0]
}

function tableOf(what: string, usages: readonly Usage[]): string {
  const lines = STEPS.map(({ part }, index) => {
    const usage = usages[index] as Usage
    const before = index === 0 ? undefined : usages[index - 1]
    const cell = (of: keyof Usage, digits: number): string => {
      const value = usage[of] - (before?.[of] ?? 0)
      return `${before === undefined || value < 0 ? '' : '+'}${value.toFixed(digits)}`
    }
    return `| ${part} | ${cell('ownMicros', 1)} µs | ${cell('allMicros', 1)} µs | ${cell('bytes', 0)} B |`
  })
  return `## ${what}

| part | app's thread | all threads | allocated |
| --- | ---: | ---: | ---: |
${lines.join('\n')}`
}

function document(): string {
  return `# Which part of a request costs what

Written by \`node bench/request-parts.ts ${ROUNDS}\`: Node ${process.versions.node}, ${availableParallelism()} cores. CPU time per request and bytes allocated on the heap of the
app's thread. Each row is what it adds to the one before; the first includes the other end of the connections, which is
in the same process. Of ${ROUNDS} interleaved rounds the cheapest. All threads include the export worker.

${tables.join('\n\n')}
`
}
