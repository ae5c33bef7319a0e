/**
 * `node bench/fleet.ts [rounds]`: services with several processes. Reports how long a scrape takes and blocks the
 * process that holds the port, and how long a start takes: alone, alone without a fleet, and joining one. Writes
 * bench/fleet.md.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { REGISTER } from '../test/support/paths.ts'
import { scrape } from '../test/support/scrape.ts'
import { app } from './spawned.ts'
import { median } from './statistics.ts'

const rounds = Number(process.argv[2] ?? 15)
const runtimeFolder = mkdtempSync(join(tmpdir(), 'obs-bench-'))

interface LongestTurn {
  readonly longestMs: number
  readonly cpuMs: number
}

interface Watched extends LongestTurn {
  readonly tookMs: number
}

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

async function startMember(port: number, series: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', REGISTER, app('fleet-member.cjs')], {
    env: environment(port, { SERIES: String(series) }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return child
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(children.map((child) => once(child, 'close')))
}

async function askedOf(child: ChildProcess, question: 'watch' | 'report'): Promise<LongestTurn> {
  const answer = once(child, 'message')
  child.send(question)
  return ((await answer) as [LongestTurn])[0]
}

async function watchedScrape(holder: ChildProcess, port: number, members: number): Promise<Watched> {
  const before = await askedOf(holder, 'watch')
  const startMs = performance.now()
  const found = await scrape(port)
  const tookMs = performance.now() - startMs
  const { longestMs, cpuMs } = await askedOf(holder, 'report')
  const shown = found.sum('obs_fleet_members')
  if (shown !== members) throw new Error(`${members} members were started, a scrape had ${shown}`)
  const missing = found.sum('obs_fleet_members_missing')
  if (missing > 0) console.log(`${missing} of ${members} members did not answer in time: the machine is too busy`)
  return { tookMs, longestMs, cpuMs: cpuMs - before.cpuMs }
}

/** Returns the first scrape of a new fleet, with cold code, and later ones. */
async function scrapesOf(
  members: number,
  series: number,
  count: number,
): Promise<{ first: Watched; later: readonly Watched[] }> {
  const port = await freePort()
  const children = [await startMember(port, series)]
  const [holder] = children
  if (holder === undefined) throw new Error('no holder')
  favour(holder)
  try {
    await sleep(500)
    for (let i = 1; i < members; i++) children.push(await startMember(port, series))
    // By now, all have joined, and none has been scraped.
    await sleep(1500)
    const first = await watchedScrape(holder, port, members)
    const later: Watched[] = []
    for (let round = 0; round < count; round++) {
      // An expensive collection also serves scrapes within the next second.
      await sleep(1100)
      later.push(await watchedScrape(holder, port, members))
    }
    return { first, later }
  } finally {
    await end(children)
  }
}

/**
 * All members compute at the same moment; without a higher priority, the leader's slices would measure the scheduler.
 */
function favour({ pid = 0 }: ChildProcess): void {
  try {
    setPriority(pid, -15)
  } catch {
    console.log('not permitted to favour the holder: its slices contain the turns of other processes')
  }
}

interface Start {
  readonly cpuMs: number
  readonly loopMs: number
}

async function startOf(port: number, added: Readonly<Record<string, string>>): Promise<Start> {
  const child = spawn(process.execPath, ['--import', REGISTER, app('fleet-member.cjs')], {
    env: environment(port, added),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(child, 'close')
  return JSON.parse(text) as Start
}

async function starts(count: number): Promise<Record<'withoutFleet' | 'alone' | 'joining', readonly Start[]>> {
  const taken = await freePort()
  const holder = await startMember(taken, 0)
  await sleep(500)
  const found: Record<'withoutFleet' | 'alone' | 'joining', Start[]> = { withoutFleet: [], alone: [], joining: [] }
  try {
    for (let round = 0; round < count; round++) {
      found.withoutFleet.push(await startOf(await freePort(), { OBS_FLEET: 'false' }))
      found.alone.push(await startOf(await freePort(), {}))
      found.joining.push(await startOf(taken, {}))
    }
    return found
  } finally {
    await end([holder])
  }
}

function inWords(values: readonly number[]): string {
  return `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}) ms`
}

type Line = readonly [what: string, figure: string, target: string]

function scrapeLines(what: string, watched: readonly Watched[], targets: readonly [string, string]): Line[] {
  return [
    [`${what}: until it is answered`, inWords(watched.map(({ tookMs }) => tookMs)), targets[0]],
    [`${what}: longest slice in the holder`, inWords(watched.map(({ longestMs }) => longestMs)), targets[1]],
    [`${what}: processor time of the holder`, inWords(watched.map(({ cpuMs }) => cpuMs)), ''],
  ]
}

function startLines(what: string, all: readonly Start[], target: string): Line[] {
  return [
    [`${what}: processor time`, inWords(all.map(({ cpuMs }) => cpuMs)), target],
    [`${what}: event loop held`, inWords(all.map(({ loopMs }) => loopMs)), target],
  ]
}

async function lines(): Promise<Line[]> {
  const { later } = await scrapesOf(8, 1000, rounds)
  const firsts: Watched[] = []
  for (let i = 0; i < 5; i++) firsts.push((await scrapesOf(8, 1000, 0)).first)
  const many = await scrapesOf(64, 100, Math.ceil(rounds / 3))
  const started = await starts(rounds * 2)
  return [
    ...scrapeLines('8 processes, 1,000 series each', later, ['≤ 100 ms', '≤ 10 ms']),
    ...scrapeLines('the first scrape of such a service', firsts, ['', '≤ 10 ms']),
    // Without slices, because so many processes leave the leader no CPU for that long.
    ...scrapeLines('64 processes, 100 series each', many.later, ['', '']).filter(([what]) => !what.includes('slice')),
    ...startLines('a start with `OBS_FLEET=false`', started.withoutFleet, ''),
    ...startLines('a start alone', started.alone, ''),
    ...startLines('a start that joins', started.joining, '≤ 3 ms over alone'),
  ]
}

function table(all: readonly Line[]): string {
  const rows = [['', 'figure', 'target'], ['---', '---', '---'], ...all]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

try {
  const text = `# The cost of several processes

Written by \`node bench/fleet.ts\`: Node ${process.versions.node}, medians (least–most). All processes share this machine's CPUs; the
leader has priority, so that its slices are not those of the scheduler. A start is measured over its first 250 ms.

${table(await lines())}
`
  console.log(text)
  writeFileSync(join(import.meta.dirname, 'fleet.md'), text)
} finally {
  rmSync(runtimeFolder, { recursive: true, force: true })
}
