import type { TestContext } from 'node:test'
import { freePort } from './free-port.ts'
import { httpGet } from './scrape.ts'
import type { ScrapeResponse } from './scrape.ts'
import { OtlpReceiver } from './otlp-receiver.ts'
import type { ReceiverOptions } from './otlp-receiver.ts'
import { startNode } from './run-node.ts'
import type { NodeOptions } from './run-node.ts'
import type { RunningProcess } from './running-process.ts'

/** An app of test/apps that serves HTTP under the preload, with its own collector and side port. */
export interface ServingApp {
  readonly process: RunningProcess
  readonly receiver: OtlpReceiver
  readonly port: number
  readonly sidePort: number
  get(path: string, headers?: Record<string, string>): Promise<ScrapeResponse>
}

export interface ServingOptions extends NodeOptions {
  readonly receiver?: ReceiverOptions
}

export async function startServingApp(t: TestContext, options: ServingOptions): Promise<ServingApp> {
  const receiver = await OtlpReceiver.start(t, options.receiver)
  const sidePort = await freePort()
  const running = startNode(t, {
    ...options,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT:
        options.env?.['OTEL_EXPORTER_OTLP_PROTOCOL']?.startsWith('http/') === true
          ? receiver.httpUrl
          : receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(sidePort),
      // Exports spans early, so that a test need not wait for the default of 5 s.
      OTEL_BSP_SCHEDULE_DELAY: '20',
      ...options.env,
    },
  })
  const port = Number((await running.waitFor(/^listening (\d+)$/m))[1])
  return {
    process: running,
    receiver,
    port,
    sidePort,
    get: (path, headers) => httpGet(`http://127.0.0.1:${port}${path}`, headers),
  }
}
