import { setTimeout as sleep } from 'node:timers/promises'
import { httpGet } from '../test/support/scrape.ts'
import { median } from './statistics.ts'
import { startServer } from './spawned.ts'
import type { Ports } from './spawned.ts'
import type { Subject } from './subjects.ts'

/** Scrapes of a real process with 10,100 series, in milliseconds. */
export interface ScrapeFigures {
  /** Of the first in the process's life, with code that is cold. */
  readonly firstLongestTurnMs: number
  /** Of later ones. */
  readonly elapsedMs: number
  readonly longestTurnMs: number
  /** Of one that follows within the second. */
  readonly nextElapsedMs: number
}

/** More than a second apart, so that none shares the collection of the one before. */
const PAUSE_MS = 1200

export async function scrapesOf(subject: Subject, ports: Ports, rounds: number): Promise<ScrapeFigures> {
  const server = await startServer(subject, 'series', ports)
  const scrape = async (): Promise<{ elapsedMs: number; longestTurnMs: number }> => {
    await server.longestTurnMs()
    const start = performance.now()
    const { status, body } = await httpGet(`http://127.0.0.1:${ports.side}/metrics`)
    const elapsedMs = performance.now() - start
    if (status !== 200 || !body.includes('shop_duration')) throw new Error(`${subject.name}: ${status}`)
    return { elapsedMs, longestTurnMs: await server.longestTurnMs() }
  }
  try {
    const first = await scrape()
    const later = []
    const next = []
    for (let round = 0; round < rounds; round++) {
      await sleep(PAUSE_MS)
      later.push(await scrape())
      next.push(await scrape())
    }
    return {
      firstLongestTurnMs: first.longestTurnMs,
      elapsedMs: median(later.map(({ elapsedMs }) => elapsedMs)),
      longestTurnMs: median(later.map(({ longestTurnMs }) => longestTurnMs)),
      nextElapsedMs: median(next.map(({ elapsedMs }) => elapsedMs)),
    }
  } finally {
    await server.end()
  }
}
