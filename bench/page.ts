/**
 * `node bench/page.ts`: the cost of the side port's page for an Express app at 1,000 requests per second, with the page
 * disabled, enabled but closed, and open in one reader. Closed and open alternate in one process, and disabled runs in
 * another process at the same time, so that whatever slows the machine down affects all three. Then one minute with the
 * page closed and one with it open, each in its own process, for the memory. Writes bench/page.md.
 */
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { load } from './load.ts'
import { type Server, startServer } from './spawned.ts'
import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'

const ROUNDS = 7
const SECONDS = 4
const WARM_UP_SECONDS = 3
const REQUESTS_A_SECOND = 1000
/** How long the page is open before it is measured. */
const SETTLED_MS = 2000
const MEMORY_SECONDS = 60

interface Started {
  readonly server: Server
  readonly side: number
}

interface Reader {
  readonly bytes: () => number
  readonly close: () => void
}

const ours = SUBJECTS.find(({ name }) => name === 'obs')
if (ours === undefined) throw new Error('no subject of ours')
const collector = await startCollector()
const off = await start('false')
const on = await start('true')
const measured = { off: [] as number[], closed: [] as number[], open: [] as number[], opening: [] as number[] }
let bytesASecond = 0
let megabytes = { closed: 0, open: 0 }
try {
  try {
    for (const { server } of [off, on]) await ask(server, WARM_UP_SECONDS)
    for (let round = 0; round < ROUNDS; round++) await measureRound()
  } finally {
    await Promise.all([off.server.end(), on.server.end()])
  }
  megabytes = { closed: await memoryAfterAMinute(false), open: await memoryAfterAMinute(true) }
} finally {
  collector.end()
}
const without = median(measured.off)
const closed = median(measured.closed)
const open = median(measured.open)
const paired = median(measured.open.map((each, i) => each - (measured.closed[i] ?? Number.NaN)))
const share = (value: number, of: number): string =>
  `${value < of ? '' : '+'}${((100 * (value - of)) / of).toFixed(1)} %`
const row = (name: string, value: number, over: string): string => {
  const of = measured[name as keyof typeof measured]
  return `| ${name} | ${value.toFixed(0)} µs | ${Math.min(...of).toFixed(0)} to ${Math.max(...of).toFixed(0)} µs | ${over} |`
}
const text = `# The cost of the page

Written by \`node bench/page.ts\`: Node ${process.versions.node}, ${availableParallelism()} cores, ${ROUNDS} rounds of ${SECONDS} s each. CPU time per request of an
Express app at ${REQUESTS_A_SECOND} requests per second, over all threads of the process. Closed and open alternate in one process, and off runs in
another one at the same time; two processes differ by a few percent in any case. \`open\` is one reader of the page's stream, who receives ${(bytesASecond / 1000).toFixed(0)} kB per second.

| page | median | rounds | |
| --- | --- | --- | --- |
${row('off', without, '')}
${row('closed', closed, `${share(closed, without)} over off`)}
${row('open', open, `${share(open, closed)} over closed`)}

The median of the differences between open and closed of each round is ${paired.toFixed(0)} µs, ${((100 * paired) / closed).toFixed(1)} %. Opening the page costs ${median(measured.opening).toFixed(0)} ms once,
two seconds of an app without requests included.

After a minute at the same rate the process has ${megabytes.closed.toFixed(0)} MB resident with the page closed, and ${megabytes.open.toFixed(0)} MB with it open
(${share(megabytes.open, megabytes.closed)}).
`
console.log(text)
writeFileSync(join(import.meta.dirname, 'page.md'), text)

async function measureRound(): Promise<void> {
  measured.off.push(await cpuOfRequest(off.server))
  measured.closed.push(await cpuOfRequest(on.server))
  const before = await on.server.cpuMicros()
  const reader = await readPage(on.side)
  await sleep(SETTLED_MS)
  measured.opening.push(((await on.server.cpuMicros()) - before) / 1000)
  const from = reader.bytes()
  measured.open.push(await cpuOfRequest(on.server))
  bytesASecond = (reader.bytes() - from) / SECONDS
  reader.close()
  await sleep(500)
}

async function start(page: string): Promise<Started> {
  const side = await freePort()
  const subject = { ...ours, env: { OBS_PAGE: page } } as typeof ours & object
  return { side, server: await startServer(subject, 'express', { sink: collector.port, side }) }
}

/** Measured at the end of a process of its own, including garbage. */
async function memoryAfterAMinute(isOpen: boolean): Promise<number> {
  const { server, side } = await start('true')
  try {
    await ask(server, WARM_UP_SECONDS)
    const reader = isOpen ? await readPage(side) : undefined
    await ask(server, MEMORY_SECONDS)
    const resident = await server.residentMegabytes()
    reader?.close()
    return resident
  } finally {
    await server.end()
  }
}

async function ask(server: Server, seconds: number): Promise<number> {
  const limits = ['--duration', String(seconds), '--overallRate', String(REQUESTS_A_SECOND)]
  return (await load(server.url, limits)).answered
}

async function cpuOfRequest(server: Server): Promise<number> {
  const before = await server.cpuMicros()
  const answered = await ask(server, SECONDS)
  return ((await server.cpuMicros()) - before) / answered
}

/** Reads and discards everything as fast as it arrives. */
function readPage(port: number): Promise<Reader> {
  return new Promise((resolve, reject) => {
    let bytes = 0
    const request = get(`http://127.0.0.1:${port}/page/events`, (response) => {
      response.on('data', (piece: Buffer) => (bytes += piece.length))
      if (response.statusCode === 200) resolve({ bytes: () => bytes, close: () => request.destroy() })
      else reject(new Error(`the page answered ${response.statusCode}`))
    })
    request.on('error', reject)
  })
}
