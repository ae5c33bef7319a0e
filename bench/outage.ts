/**
 * `node bench/outage.ts [seconds]`: 30,000 requests with a good collector, and with none, and what that does to the app's
 * memory and latency. With a number of seconds: a soak of 2,000 requests a second without a collector instead, with the
 * memory every ten seconds.
 */
import { readFileSync } from 'node:fs'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { load } from './load.ts'
import { startServer } from './spawned.ts'
import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'

const ROUNDS = 3
const REQUESTS = 30_000

interface Figures {
  readonly p99Ms: number
  readonly peakMegabytes: number
}

async function measure(sink: number, limits: readonly string[], everyMs?: number): Promise<Figures> {
  const subject = SUBJECTS.find(({ name }) => name === 'obs')
  if (subject === undefined) throw new Error('no such subject')
  const server = await startServer(subject, 'http', { sink, side: await freePort() })
  const tell = (): void => console.error(`${residentMegabytes(server.pid, 'VmRSS')} MB`)
  const tick = everyMs === undefined ? undefined : setInterval(tell, everyMs)
  try {
    const { p99Ms } = await load(server.url, limits)
    return { p99Ms, peakMegabytes: residentMegabytes(server.pid, 'VmHWM') }
  } finally {
    clearInterval(tick)
    await server.end()
  }
}

function residentMegabytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
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
