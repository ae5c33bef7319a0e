import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { startNode } from './run-node.ts'
import type { RunningProcess } from './running-process.ts'
import { httpGet } from './scrape.ts'

export interface ExpressApp {
  readonly running: RunningProcess
  readonly get: () => ReturnType<typeof httpGet>
}

/**
 * Starts the Express app under the preload, for tests that have a peer of their own instead of a receiver. Spans are
 * exported after 100 ms.
 */
export async function startExpress(
  t: TestContext,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ExpressApp> {
  const sidePort = String(await freePort())
  const running = startNode(t, {
    app: 'use-express.mjs',
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: sidePort, OTEL_BSP_SCHEDULE_DELAY: '20', ...env },
  })
  const [, port] = await running.waitFor(/^listening (\d+)$/m)
  return { running, get: () => httpGet(`http://127.0.0.1:${port}/users/7`) }
}
