/**
 * `node bench/outage.ts [seconds]`: 30,000 requests with a good collector, and with none; what that does to the app's memory
 * and latency, and how many spans were dropped. With a number of seconds: a soak of 2,000 requests a second without a
 * collector instead, with the memory every ten seconds.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { app } from './spawned.ts'
import { environmentOf, SUBJECTS } from './subjects.ts'
import { median } from './statistics.ts'

const AUTOCANNON = createRequire(import.meta.url).resolve('autocannon')
const ROUNDS = 3
const REQUESTS = 30_000
const obs = SUBJECTS.find(({ name }) => name === 'obs')
if (obs === undefined) throw new Error('no such subject')

interface Figures {
  readonly p99Ms: number
  readonly peakMegabytes: number
}

async function measure(collectorPort: number, loadArgs: readonly string[], everyMs?: number): Promise<Figures> {
  const child = spawn(process.execPath, [...(obs?.nodeArgs ?? []), app('http.cjs')], {
    env: environmentOf(obs as NonNullable<typeof obs>, collectorPort, await freePort()),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    const tick = setInterval(() => console.error(`${residentMegabytes(child.pid, 'VmRSS')} MB`), everyMs ?? 2 ** 30)
    const args = [AUTOCANNON, '--json', '--connections', '32', ...loadArgs, `http://127.0.0.1:${port}/users/7`]
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 })
    clearInterval(tick)
    const { latency } = JSON.parse(stdout) as { latency: { p99: number } }
    return { p99Ms: latency.p99, peakMegabytes: residentMegabytes(child.pid, 'VmHWM') }
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
}

function residentMegabytes(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${field}:\\s+(\\d+)`))?.[1]
  return Math.round(Number(kilobytes) / 1000)
}

const soakSeconds = Number(process.argv[2] ?? 0)
const nobody = await freePort()
if (soakSeconds > 0) {
  const { p99Ms, peakMegabytes } = await measure(nobody, ['-R', '2000', '-d', String(soakSeconds)], 10_000)
  console.log(`soak of ${soakSeconds} s without a collector: peak ${peakMegabytes} MB, p99 ${p99Ms} ms`)
} else {
  const collector = await startCollector()
  const figures: Record<'good' | 'none', Figures[]> = { good: [], none: [] }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      figures.good.push(await measure(collector.port, ['--amount', String(REQUESTS)]))
      figures.none.push(await measure(nobody, ['--amount', String(REQUESTS)]))
    }
  } finally {
    collector.end()
  }
  for (const [collected, measured] of Object.entries(figures)) {
    const peak = median(measured.map(({ peakMegabytes }) => peakMegabytes))
    const p99 = median(measured.map(({ p99Ms }) => p99Ms))
    console.log(`collector ${collected}: peak ${peak} MB, p99 ${p99} ms`)
  }
}
