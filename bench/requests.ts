/**
 * `node bench/requests.ts [rounds] [seconds] [warm-up seconds]`: the cost of a request under each preload, over all
 * threads, in interleaved runs. Needs `wrk` and `npm ci --prefix bench/peers`. Writes bench/requests.md, as
 * `npm run bench` does.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCosts } from '../scripts/costs.ts'
import { startCollector } from './collector.ts'
import { startPeers } from './dd-trace.ts'
import { requestCosts } from './request-costs.ts'
import { requestReport } from './request-report.ts'
import { upstreamVersion } from './subjects.ts'

const [rounds = 5, seconds = 3, warmUpSeconds = 5] = process.argv.slice(2).map(Number)
const plan = { rounds, seconds, warmUpSeconds }
const peers = await startPeers()
const collector = await startCollector()
try {
  const costs = await requestCosts(plan, peers, collector.port, (what) => console.error(`measuring: ${what} …`))
  const command = `node bench/requests.ts ${rounds} ${seconds} ${warmUpSeconds}`
  const text = requestReport(costs, plan, { upstream: upstreamVersion, ddTrace: peers.version, command })
  console.log(text)
  writeFileSync(join(import.meta.dirname, 'requests.md'), text)
  writeCosts()
} finally {
  collector.end()
  peers.end()
}
