import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { NO_DECLARED_METRICS } from '../../src/base/declared-metrics.ts'
import type { SidePortSettings } from '../../src/settings/settings.ts'
import { createAuthenticator } from '../../src/sideport/auth.ts'
import { createHealth } from '../../src/sideport/health.ts'
import type { Health } from '../../src/sideport/health.ts'
import { open } from '../../src/sideport/open.ts'
import type { SidePortServer } from '../../src/sideport/server.ts'
import { collected } from './collected-metrics.ts'

export interface Opened {
  readonly port: number
  readonly url: string
  readonly health: Health
  readonly server: SidePortServer
}

const DEFAULTS: SidePortSettings = {
  host: 'localhost',
  port: 0,
  tls: undefined,
  basicAuth: undefined,
  bearerToken: undefined,
  blockedBy: undefined,
}

export function openUnawaited(
  settings: Partial<SidePortSettings>,
  collect: () => Promise<CollectionResult>,
  health: Health = createHealth(),
): SidePortServer {
  const metrics = {
    translationStrategy: 'UnderscoreEscapingWithSuffixes',
    scopeLabels: true,
    ...NO_DECLARED_METRICS,
  } as const
  const port = settings.port ?? DEFAULTS.port
  const slice = { sidePort: { ...DEFAULTS, ...settings }, metrics, resource: { serviceName: '<shop>' } }
  const authenticator = createAuthenticator(slice.sidePort)
  return open({ settings: slice, port, collect, health, authenticator, page: undefined })
}

/** A side port that is closed after the test. */
export async function opened(
  t: Pick<TestContext, 'after'>,
  settings: Partial<SidePortSettings> = {},
  collect: () => Promise<CollectionResult> = oneGauge,
): Promise<Opened> {
  const health = createHealth()
  const server = openUnawaited(settings, collect, health)
  t.after(() => {
    health.close()
    server.close()
  })
  const { port } = await server.listening
  const scheme = settings.tls === undefined ? 'http' : 'https'
  return { port, url: `${scheme}://localhost:${port}`, health, server }
}

export function oneGauge(): Promise<CollectionResult> {
  return collected((meter) => meter.createGauge('g').record(1))
}

export interface RawClient {
  readonly socket: Socket
  /** All that came until the other side closed, or until now. */
  readonly received: () => string
  /** Resolves when the other side has closed; with how long that took, in ms. */
  readonly closed: Promise<number>
}

/** A client that sends exactly the given bytes. */
export function rawClient(t: Pick<TestContext, 'after'>, port: number, say?: string | Buffer): RawClient {
  const startMs = performance.now()
  const pieces: Buffer[] = []
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {}).on('data', (data) => pieces.push(data))
  const closed = new Promise<number>((resolve) => {
    socket.once('close', () => resolve(performance.now() - startMs))
    socket.once('end', () => resolve(performance.now() - startMs))
  })
  if (say !== undefined) socket.write(say)
  return { socket, received: () => Buffer.concat(pieces).toString(), closed }
}
