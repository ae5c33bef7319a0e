import { MockOtlpServer } from '@elastic/mockotlpserver'
import { spansOf } from '../../test/support/otlp-decode.ts'
import type { ReceivedSpan } from '../../test/support/otlp-decode.ts'

/** A collector on a free port of this machine that keeps what it gets in memory. */
export interface Receiver {
  readonly url: string
  /** The spans of the trace, once its root is here and no more came for a moment; empty: none in time. */
  trace(isRoot: (span: ReceivedSpan) => boolean, timeoutMs: number): Promise<ReceivedSpan[]>
  close(): Promise<void>
}

const QUIET_MS = 300

export async function startReceiver(): Promise<Receiver> {
  const spans: ReceivedSpan[] = []
  let lastAt = 0
  const server = new MockOtlpServer({
    services: ['grpc'],
    grpcHostname: '127.0.0.1',
    grpcPort: 0,
    logLevel: 'fatal',
    onTrace: (request: Record<string, unknown>) => {
      spans.push(...spansOf(request))
      lastAt = Date.now()
    },
  })
  await server.start()
  return {
    url: `http://localhost:${new URL(String(server.grpcUrl)).port}`,
    trace: async (isRoot, timeoutMs) => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const root = spans.find(isRoot)
        if (root && Date.now() - lastAt > QUIET_MS) return spans.filter(({ traceId }) => traceId === root.traceId)
        if (Date.now() > deadline) return []
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    close: () => server.close(),
  }
}
