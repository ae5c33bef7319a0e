/**
 * `node bench/outage.ts`: 30,000 requests with and without a collector, and the effect on the app's memory and latency.
 * `node bench/outage.ts 600`: a soak test of that many seconds at 2,000 requests per second, during which the collector
 * disappears and comes back twice. Reports the memory every ten seconds, and at the end what happened to every span.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { scrape } from '../test/support/scrape.ts'
import { startCollector } from './collector.ts'
import type { Collector } from './collector.ts'
import { load } from './load.ts'
import { startServer } from './spawned.ts'
import type { Server } from './spawned.ts'
import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'

const ROUNDS = 3
const REQUESTS = 30_000
const SOAK_REQUESTS_PER_SECOND = 2000
const SAMPLE_MS = 10_000
/** The fractions of a soak test in which the collector is there or away, in order. */
const PHASES: readonly (readonly ['there' | 'away', number])[] = [
  ['there', 0.1],
  ['away', 0.4],
  ['there', 0.15],
  ['away', 0.2],
  ['there', 0.15],
]

interface Figures {
  readonly p99Ms: number
  readonly peakMegabytes: number
}

const soakSeconds = Number(process.argv[2] ?? 0)
if (soakSeconds > 0) await soak(soakSeconds)
else await compare()

async function compare(): Promise<void> {
  const nobody = await freePort()
  const collector = await startCollector()
  const figures: Record<'good' | 'none', Figures[]> = { good: [], none: [] }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      figures.good.push(await measure(collector.port))
      figures.none.push(await measure(nobody))
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

async function measure(sink: number): Promise<Figures> {
  const server = await startObserved(sink, await freePort())
  try {
    const { p99Ms } = await load(server.url, ['--amount', String(REQUESTS)])
    return { p99Ms, peakMegabytes: residentMegabytes(server.pid, 'VmHWM') }
  } finally {
    await server.end()
  }
}

async function soak(seconds: number): Promise<void> {
  const ports = { sink: await freePort(), side: await freePort() }
  const server = await startObserved(ports.sink, ports.side)
  let phase = ''
  const printMemory = (): void => console.log(`${phase}: ${residentMegabytes(server.pid, 'VmRSS')} MB`)
  const tick = setInterval(printMemory, SAMPLE_MS)
  let collector: Collector | undefined
  try {
    const loaded = load(server.url, ['-R', String(SOAK_REQUESTS_PER_SECOND), '-d', String(seconds)])
    for (const [state, share] of PHASES) {
      phase = state
      if (state === 'there') collector = await startCollector(ports.sink)
      else collector?.end()
      await sleep(seconds * share * 1000)
    }
    const { answered, p99Ms } = await loaded
    // The last batch is sent 5 s after its first span.
    await sleep(7000)
    const peak = residentMegabytes(server.pid, 'VmHWM')
    console.log(
      `soak of ${seconds} s: peak ${peak} MB, p99 ${p99Ms} ms; ${answered} requests (${Math.round(answered / seconds)} a second), ` +
        (await fates(ports.side)),
    )
  } finally {
    clearInterval(tick)
    await server.end()
    collector?.end()
  }
}

/** Returns what happened to the spans, according to the side port. */
async function fates(sidePort: number): Promise<string> {
  const metrics = await scrape(sidePort)
  const exported = metrics.find('otel_sdk_exporter_span_exported_total', { error_type: '' })
  const lost = metrics.find('obs_export_dropped_total', { signal: 'traces' })
  return [
    ...exported.map(({ value }) => `${value} spans exported`),
    ...lost.map(({ labels, value }) => `${value} ${labels['reason']}`),
  ].join(', ')
}

async function startObserved(sink: number, side: number): Promise<Server> {
  const subject = SUBJECTS.find(({ name }) => name === 'obs')
  if (subject === undefined) throw new Error('no such subject')
  return await startServer(subject, 'http', { sink, side })
}

function residentMegabytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${field}:\\s+(\\d+)`))?.[1]
  return Math.round(Number(kilobytes) / 1000)
}
