/**
 * `node bench/threads.ts [rounds]`: what this package adds to a worker thread, from its start to its end, and to many
 * processes that start at the same time. Writes bench/threads.md.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { REGISTER } from '../test/support/paths.ts'
import { startCollector } from './collector.ts'
import { app } from './spawned.ts'
import { median } from './statistics.ts'

const ROUNDS = Number(process.argv[2] ?? 9)
const THREADS = 10
const PROCESSES = 64
/** What a thread does: nothing, or serve one request. */
const WORKS = ['nothing', 'serve'] as const
const PRELOADS = ['bare', 'obs'] as const

const run = promisify(execFile)
const home = mkdtempSync(join(tmpdir(), 'obs-bench-'))
const collector = await startCollector()
const env = {
  PATH: process.env['PATH'],
  HOME: home,
  XDG_RUNTIME_DIR: home,
  OTEL_SERVICE_NAME: 'bench',
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
  OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
  OTEL_LOG_LEVEL: 'error',
}
const argsOf = (preload: (typeof PRELOADS)[number]): string[] => (preload === 'obs' ? ['--import', REGISTER] : [])

/** Returns the median milliseconds that one thread takes, in a process of its own. */
async function threadMs(preload: (typeof PRELOADS)[number], work: string): Promise<number> {
  const args = [...argsOf(preload), app('threads.cjs'), work, String(THREADS)]
  const { stdout } = await run(process.execPath, args, { env })
  return median((JSON.parse(stdout) as { tookMs: number[] }).tookMs)
}

/** Returns the milliseconds until all of so many processes, which were started at once, have ended. */
async function processesMs(preload: (typeof PRELOADS)[number]): Promise<number> {
  const startedAt = performance.now()
  const args = [...argsOf(preload), app('express-start.cjs')]
  await Promise.all(Array.from({ length: PROCESSES }, () => run(process.execPath, args, { env })))
  return performance.now() - startedAt
}

async function compared(measure: (preload: (typeof PRELOADS)[number]) => Promise<number>): Promise<[number, number]> {
  const measured: Record<(typeof PRELOADS)[number], number[]> = { bare: [], obs: [] }
  for (const preload of PRELOADS) await measure(preload)
  for (let round = 0; round < ROUNDS; round++) {
    for (const preload of PRELOADS) measured[preload].push(await measure(preload))
  }
  return [median(measured.bare), median(measured.obs)]
}

const rows: string[] = []
try {
  for (const work of WORKS) {
    const [bare, obs] = await compared((preload) => threadMs(preload, work))
    rows.push(`| a thread that ${work === 'nothing' ? 'uses nothing' : 'serves a request'} | ${shown(bare, obs)} |`)
  }
  const [bare, obs] = await compared(processesMs)
  rows.push(`| each of ${PROCESSES} Express apps that start at once | ${shown(bare / PROCESSES, obs / PROCESSES)} |`)
} finally {
  collector.end()
  rmSync(home, { recursive: true })
}

const text = `# Worker threads and processes

Written by \`node bench/threads.ts ${ROUNDS}\`: Node ${process.versions.node}, ${availableParallelism()} cores, medians of interleaved runs. A thread is measured from its
start to its end, the median of ${THREADS} in one process; processes from the start of the first to the end of the last.

| | bare | this package adds |
| --- | --- | --- |
${rows.join('\n')}
`
console.log(text)
writeFileSync(join(import.meta.dirname, 'threads.md'), text)

function shown(bare: number, obs: number): string {
  return `${bare.toFixed(1)} ms | ${obs < bare ? '' : '+'}${(obs - bare).toFixed(1)} ms`
}
