/**
 * `npm run demo`: the shop and its stock service under the preload, with a database and a collector of their own, some
 * traffic, and what came of it. Serves on until Ctrl-C.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from './build.ts'
import { startDatabase } from './database.ts'
import { portNear } from './ports.ts'
import { startReceiver } from './receiver.ts'
import { metricsReport, traceReport } from './report.ts'
import { sendTraffic } from './traffic.ts'

const END_MS = 3_000
const ROOT = join(import.meta.dirname, '..', '..')
const cleanUps: (() => Promise<unknown>)[] = []
let ending = false

process.once('SIGINT', () => void end(0))
process.once('SIGTERM', () => void end(143))

try {
  await run()
} catch (thrown) {
  // What is ended in the middle of its start fails there, too: that is no news.
  if (!ending) {
    console.error(thrown)
    await end(1)
  }
}

async function run(): Promise<void> {
  build(ROOT)
  const userEndpoint = process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
  const receiver = userEndpoint ? undefined : await startReceiver()
  if (receiver) cleanUps.push(() => receiver.close())
  const database = await startDatabase(await portNear(54329))
  cleanUps.push(() => database.close())

  const common = { OTEL_EXPORTER_OTLP_ENDPOINT: userEndpoint || receiver?.url, OTEL_BSP_SCHEDULE_DELAY: '500' }
  // Both before the first is in use: a side port opens a moment after its service has started.
  const shopSidePort = await portNear(9464)
  const stockSidePort = await portNear(shopSidePort + 1)
  const stockUrl = await startService('stock', { ...common, PORT: await portNear(3001) }, stockSidePort)
  const shopEnv = { ...common, ...database.env, PORT: await portNear(3000), STOCK_URL: stockUrl }
  const shopUrl = await startService('shop', shopEnv, shopSidePort)
  const metricsUrl = `http://localhost:${shopSidePort}/metrics`

  const sent = await sendTraffic(shopUrl)
  console.log(`\n${sent} requests sent. The trace of one order:\n`)
  const trace = await receiver?.trace((span) => span.name === 'POST /orders' && span.parentSpanId === '', 10_000)
  console.log(trace ? traceReport(trace) : `(at ${userEndpoint})`)
  console.log(`\nThe request metrics on the side port:\n`)
  console.log(metricsReport(await (await fetch(metricsUrl)).text()))
  console.log(`
Still serving; Ctrl-C ends it.
  the shop      ${shopUrl}/products
  its metrics   ${metricsUrl}
  its page      http://localhost:${shopSidePort}/
  an order      curl ${shopUrl}/orders \\
                --json '{"productId":1,"quantity":2}'`)
}

/** Resolves with its URL when it serves. Its stderr, where the preload says what it does, goes to ours. */
async function startService(
  name: string,
  env: Readonly<Record<string, string | number | undefined>>,
  sidePort: number,
): Promise<string> {
  const settings = {
    OTEL_SERVICE_NAME: name,
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.0.0',
    // What the services write with `console` is on the page, beside its trace.
    OTEL_LOGS_EXPORTER: 'otlp',
    OBS_CONSOLE_LOGS: 'export',
    OTEL_EXPORTER_PROMETHEUS_PORT: sidePort,
    ...env,
  }
  const child = spawn(process.execPath, ['--import', '@paxx/obs/register', join(import.meta.dirname, `${name}.mjs`)], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUps.push(() => endChild(child))
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line)
    const [url] = /http:\S+/.exec(line) ?? []
    if (url) {
      child.stdout.resume()
      return url
    }
  }
  throw new Error(`${name} did not start`)
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const tooLate = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await gone
  clearTimeout(tooLate)
}

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  // The services before what they depend on: last started, first ended.
  for (const cleanUp of cleanUps.toReversed()) await cleanUp().catch(() => {})
  process.exit(code)
}
