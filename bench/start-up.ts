import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerName } from './dd-trace.ts'
import { interleaved } from './interleaved.ts'
import { runToEnd, startServer } from './spawned.ts'
import type { Ports } from './spawned.ts'
import type { BySubject, Subject } from './subjects.ts'

/** An app that ends by itself, as soon as it has done what it is for: `-start` has listened. */
export type EndingApp = 'empty' | 'one-span' | 'express-start' | 'fastify-start' | 'nest-start'

type Subjects = readonly Subject<PeerName>[]

/** Measures the milliseconds from the start of the process to its natural end. */
export async function startUp(
  name: EndingApp,
  rounds: number,
  ports: Ports,
  subjects: Subjects,
  env: Readonly<Record<string, string>> = {},
): Promise<BySubject<number, PeerName>> {
  const measure = async (subject: Subject<PeerName>): Promise<{ elapsedMs: number }> => {
    const { elapsedMs } = await runToEnd(subject, name, ports, env)
    return { elapsedMs }
  }
  return (await interleaved(rounds, measure, subjects)).elapsedMs
}

/** Measures the resident megabytes of a program that does nothing. */
export async function memory(rounds: number, ports: Ports, subjects: Subjects): Promise<BySubject<number, PeerName>> {
  const measure = async (subject: Subject<PeerName>): Promise<{ megabytes: number }> => {
    const { stdout } = await runToEnd(subject, 'memory', ports)
    return { megabytes: Number(stdout) / 1e6 }
  }
  return (await interleaved(rounds, measure, subjects)).megabytes
}

const SCRAPES = 3
/** dd-trace pushes its metrics, and bare Node has none. */
const SCRAPED: readonly PeerName[] = ['upstream', 'obs']

/** Measures the resident megabytes of an Express app that serves nobody but Prometheus. */
export async function idleMemory(
  rounds: number,
  ports: Ports,
  subjects: Subjects,
): Promise<BySubject<number, PeerName>> {
  const measure = async (subject: Subject<PeerName>): Promise<{ megabytes: number }> => {
    const server = await startServer(subject, 'express', ports)
    try {
      for (let scrape = 0; scrape < SCRAPES; scrape++) {
        await sleep(500)
        if (SCRAPED.includes(subject.name)) await scraped(`http://localhost:${ports.side}/metrics`)
      }
      return { megabytes: await server.residentMegabytes() }
    } finally {
      await server.end()
    }
  }
  return (await interleaved(rounds, measure, subjects)).megabytes
}

async function scraped(url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    get(url, { agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject)
  })
}
