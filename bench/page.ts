/**
 * `node bench/page.ts`: what the page of the side port costs an Express app at 1,000 requests a second, off, closed and open
 * in one reader, interleaved. Writes bench/page.md.
 */
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { load } from './load.ts'
import { startServer } from './spawned.ts'
import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'

const ROUNDS = 5
const SECONDS = 5
const REQUESTS_A_SECOND = 1000
const STATES = ['off', 'closed', 'open'] as const
type State = (typeof STATES)[number]

const ours = SUBJECTS.find(({ name }) => name === 'obs')
if (ours === undefined) throw new Error('no subject of ours')
const collector = await startCollector()
const measured: Record<State, number[]> = { off: [], closed: [], open: [] }
try {
  for (let round = 0; round <= ROUNDS; round++) {
    for (const state of STATES) {
      const microseconds = await cpuOfRequest(state)
      // The first round reads the files from the disk.
      if (round > 0) measured[state].push(microseconds)
    }
  }
} finally {
  collector.end()
}
const [off, closed, open] = STATES.map((state) => median(measured[state]))
if (off === undefined || closed === undefined || open === undefined) throw new Error('nothing was measured')
const share = (value: number): string => `${((100 * (value - off)) / off).toFixed(1)} %`
const text = `# What the page costs

Written by \`node bench/page.ts\`: Node ${process.versions.node}, ${availableParallelism()} cores, medians of ${ROUNDS} interleaved rounds. Processor time a
request of an Express app at ${REQUESTS_A_SECOND} requests a second, over all threads; \`open\` is one reader of the page's stream.

| page | processor time a request | over off |
| --- | --- | --- |
| off | ${off.toFixed(1)} µs | |
| closed | ${closed.toFixed(1)} µs | ${share(closed)} |
| open | ${open.toFixed(1)} µs | ${share(open)} |
`
console.log(text)
writeFileSync(join(import.meta.dirname, 'page.md'), text)

async function cpuOfRequest(state: State): Promise<number> {
  const side = await freePort()
  const env = { OBS_PAGE: state === 'off' ? 'false' : 'true' }
  const server = await startServer({ ...ours, env } as never, 'express', { sink: collector.port, side })
  try {
    await load(server.url, ['--duration', '2', '--overallRate', String(REQUESTS_A_SECOND)])
    const stream = state === 'open' ? await readPage(side) : undefined
    const before = await server.cpuMicros()
    const { answered } = await load(server.url, [
      '--duration',
      String(SECONDS),
      '--overallRate',
      String(REQUESTS_A_SECOND),
    ])
    const microseconds = ((await server.cpuMicros()) - before) / answered
    stream?.destroy()
    return microseconds
  } finally {
    await server.end()
  }
}

/** Reads and throws away, as fast as it comes. */
function readPage(port: number): Promise<{ destroy(): void }> {
  return new Promise((resolve, reject) => {
    const request = get(`http://127.0.0.1:${port}/page/events`, (response) => {
      response.resume()
      if (response.statusCode === 200) resolve(request)
      else reject(new Error(`the page answered ${response.statusCode}`))
    })
    request.on('error', reject)
  })
}
