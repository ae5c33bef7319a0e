import { setTimeout as sleep } from 'node:timers/promises'
import { httpGet } from '../test/support/scrape.ts'
import { median } from './statistics.ts'
import { startServer } from './spawned.ts'
import type { Ports } from './spawned.ts'
import type { Subject } from './subjects.ts'

/** The request of a scraper. */
export interface Asked {
  readonly name: string
  readonly accept: string
  readonly encoding: string
}

/** Statistics of scrapes of real processes with 10,100 series, in milliseconds. */
export interface ScrapeStats {
  /** For the first scrape of a process, with cold code: the median and maximum over several processes. */
  readonly firstTurnMs: number
  readonly firstTurnAtMostMs: number
  /** For later scrapes. */
  readonly elapsedMs: number
  readonly turnMs: number
  readonly turnAtMostMs: number
  /** For a scrape within a second of the previous one. */
  readonly nextElapsedMs: number
}

/** More than a second, so that no scrape shares the collection of the previous one. */
const PAUSE_MS = 1200
const PROCESSES = 5
const LATER = 2

interface Measured {
  readonly elapsedMs: number
  readonly turnMs: number
}

export async function scrapesOf(subject: Subject, asked: Asked, ports: () => Promise<Ports>): Promise<ScrapeStats> {
  const first: Measured[] = []
  const later: Measured[] = []
  const next: Measured[] = []
  for (let i = 0; i < PROCESSES; i++) await scrapeOne(subject, asked, await ports(), { first, later, next })
  const turns = (of: readonly Measured[]): number[] => of.map(({ turnMs }) => turnMs)
  return {
    firstTurnMs: median(turns(first)),
    firstTurnAtMostMs: Math.max(...turns(first)),
    elapsedMs: median(later.map(({ elapsedMs }) => elapsedMs)),
    turnMs: median(turns(later)),
    turnAtMostMs: Math.max(...turns(later)),
    nextElapsedMs: median(next.map(({ elapsedMs }) => elapsedMs)),
  }
}

async function scrapeOne(
  subject: Subject,
  { accept, encoding }: Asked,
  ports: Ports,
  { first, later, next }: Readonly<Record<'first' | 'later' | 'next', Measured[]>>,
): Promise<void> {
  const server = await startServer(subject, 'series', ports)
  const scrape = async (): Promise<Measured> => {
    await server.longestTurnMs()
    const start = performance.now()
    const { status, body } = await httpGet(`http://127.0.0.1:${ports.side}/metrics`, {
      accept,
      'accept-encoding': encoding,
    })
    const elapsedMs = performance.now() - start
    if (status !== 200 || body.length < 10_000) throw new Error(`${subject.name}: ${status}`)
    return { elapsedMs, turnMs: await server.longestTurnMs() }
  }
  try {
    first.push(await scrape())
    for (let i = 0; i < LATER; i++) {
      await sleep(PAUSE_MS)
      later.push(await scrape())
      next.push(await scrape())
    }
  } finally {
    await server.end()
  }
}
