/**
 * `node bench/fleet.ts [members] [series] [rounds]`: what a scrape of a service of several processes takes (default: 8 with
 * 1,000 series each) and how long it holds up the process that has the port; and the processor time that a start takes,
 * alone, alone without a fleet, and joining one.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { REGISTER } from '../test/support/paths.ts'
import { scrape } from '../test/support/scrape.ts'
import { app } from './spawned.ts'
import { median } from './statistics.ts'

const [members = 8, series = 1000, rounds = 15] = process.argv.slice(2).map(Number)
const runtimeFolder = mkdtempSync(join(tmpdir(), 'obs-bench-'))

function environment(port: number, added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    ...process.env,
    XDG_RUNTIME_DIR: runtimeFolder,
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOG_LEVEL: 'warn',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    ...added,
  }
}

async function startMember(port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', REGISTER, app('fleet-member.cjs')], {
    env: environment(port, { SERIES: String(series) }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return child
}

interface Told {
  readonly longestMs: number
  readonly cpuMs: number
}

async function askedOf(child: ChildProcess, question: 'watch' | 'tell' | 'cpu'): Promise<Told> {
  const answer = once(child, 'message')
  child.send(question)
  return ((await answer) as [Told])[0]
}

function inWords(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`
}

async function benchScrape(): Promise<void> {
  const port = await freePort()
  const children = [await startMember(port)]
  const [holder] = children
  if (holder === undefined) return
  try {
    await sleep(500)
    for (let i = 1; i < members; i++) children.push(await startMember(port))
    while ((await scrape(port)).sum('obs_fleet_members') < members) await sleep(1100)
    const times: number[] = []
    const slices: number[] = []
    const cpu: number[] = []
    for (let round = -2; round < rounds; round++) {
      // A collection that was expensive serves those that follow within the second.
      await sleep(1100)
      await askedOf(holder, 'watch')
      const startMs = performance.now()
      const { samples } = await scrape(port)
      const tookMs = performance.now() - startMs
      const { longestMs } = await askedOf(holder, 'tell')
      await sleep(1100)
      const { cpuMs } = await askedOf(holder, 'cpu')
      await scrape(port)
      cpu.push((await askedOf(holder, 'cpu')).cpuMs - cpuMs)
      if (samples.length < series) throw new Error(`${samples.length} series`)
      if (round < 0) continue
      times.push(tookMs)
      slices.push(longestMs)
    }
    console.log(
      `scrape of ${members} processes with ${series} series each: ${inWords(times)} ms, longest slice in the holder ${inWords(slices)} ms, its processor time ${inWords(cpu)} ms`,
    )
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => once(child, 'close')))
  }
}

async function cpuOfStart(port: number, added: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, ['--import', REGISTER, app('fleet-member.cjs')], {
    env: environment(port, added),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(child, 'close')
  return Number(text) / 1000
}

async function benchStart(): Promise<void> {
  const taken = await freePort()
  const holder = await startMember(taken)
  await sleep(500)
  const ways = {
    'alone, OBS_FLEET=false': async () => cpuOfStart(await freePort(), { OBS_FLEET: 'false' }),
    alone: async () => cpuOfStart(await freePort(), {}),
    joining: () => cpuOfStart(taken, {}),
  }
  const found = new Map<string, number[]>()
  try {
    for (let round = 0; round < rounds * 2; round++) {
      for (const [label, run] of Object.entries(ways)) found.set(label, [...(found.get(label) ?? []), await run()])
    }
  } finally {
    holder.kill('SIGKILL')
    await once(holder, 'close')
  }
  for (const [label, values] of found) {
    console.log(
      `processor time of a start, ${label}: best ${Math.min(...values).toFixed(1)} ms, median ${median(values).toFixed(1)} ms`,
    )
  }
}

try {
  await benchScrape()
  await benchStart()
} finally {
  rmSync(runtimeFolder, { recursive: true, force: true })
}
