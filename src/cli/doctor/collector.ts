import { reasonOf } from '../../base/diag.ts'
import { shownUrl } from '../../base/shown-url.ts'
import { hintFor } from '../../export/hints.ts'
import type { Attempt } from '../../export/transport.ts'
import { transportFor } from '../../export/transport-for.ts'
import type { OtlpSettings, Settings, Signal } from '../../settings/settings.ts'
import { type Check, fact, ok, problem, warning } from './check.ts'

/** The longest wait for one collector. */
const PATIENCE_MS = 5000

/** An empty request in each protocol: an empty message, an object without members, no spans. */
const EMPTY: Readonly<Record<OtlpSettings['protocol'], Uint8Array>> = {
  grpc: new Uint8Array(),
  'http/protobuf': new Uint8Array(),
  'http/json': Buffer.from('{}'),
  zipkin: Buffer.from('[]'),
}

/** Sends an empty export to each collector, with the transport, TLS and headers that the app would use. */
export async function collectorChecks(settings: Settings): Promise<readonly Check[]> {
  const { traces } = settings
  const destinations: (readonly [Signal, OtlpSettings])[] = (['traces', 'metrics', 'logs'] as const)
    .filter((signal) => settings[signal].exporters.some((exporter) => exporter === 'otlp'))
    .map((signal) => [signal, settings[signal].otlp])
  if (traces.exporters.includes('zipkin')) destinations.push(['traces', traces.zipkin])
  if (destinations.length === 0) return [fact('collector', 'nothing is exported to a collector')]
  return await Promise.all(destinations.map(async ([signal, otlp]) => await collectorCheck(signal, otlp)))
}

async function collectorCheck(signal: Signal, otlp: OtlpSettings): Promise<Check> {
  const id = `collector:${signal}`
  const where = `${shownUrl(otlp.endpoint)} (${otlp.protocol})`
  const startedAt = performance.now()
  const attempt = await send(signal, otlp)
  const tookMs = Math.round(performance.now() - startedAt)
  if (attempt.status === 'success') {
    const message = attempt.partial?.message ?? ''
    if (message === '') return ok(id, `${signal}: ${where} accepts exports (${tookMs} ms)`)
    return warning(id, `${signal}: ${where} accepts exports`, `with a warning: ${message}`)
  }
  const hint = hintFor(otlp, attempt.reason) ?? silenceHint(attempt.reason)
  const look = /ECONNREFUSED.*:4317$/.test(attempt.reason) ? `; to try it: ${JAEGER}` : ''
  return problem(id, `${signal}: export to ${where} failed: ${attempt.reason}`, `${hint}${look}`)
}

/** `paxx-obs init` adds the same service to a compose file. */
const JAEGER = 'docker run -p 16686:16686 -p 4317:4317 jaegertracing/jaeger:2.11.0'

function silenceHint(reason: string): string {
  return reason.includes('timed out')
    ? 'something listens there but does not respond: is it an OTLP receiver?'
    : 'see what it logs'
}

async function send(signal: Signal, otlp: OtlpSettings): Promise<Attempt> {
  try {
    const timeoutMs = otlp.timeoutMs === 0 ? PATIENCE_MS : Math.min(otlp.timeoutMs, PATIENCE_MS)
    return await transportFor(signal, otlp).send(EMPTY[otlp.protocol], timeoutMs)
  } catch (thrown) {
    return { status: 'failure', reason: reasonOf(thrown) }
  }
}
