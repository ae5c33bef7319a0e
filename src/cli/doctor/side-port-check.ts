import { createServer } from 'node:net'
import type { Settings } from '../../settings/settings.ts'
import { type Check, fact, ok, problem, warning } from './check.ts'

/** Checks whether the side port can be opened. */
export async function sidePortCheck({ metrics, sidePort, fleet }: Settings): Promise<Check> {
  if (!metrics.exporters.includes('prometheus'))
    return fact('side port', 'no side port: OTEL_METRICS_EXPORTER does not include prometheus')
  const { host, port, blockedBy } = sidePort
  if (blockedBy !== undefined)
    return problem('side port', `the side port stays closed: ${blockedBy}`, 'correct that setting')
  const code = await codeOfListening(host, port)
  const where = `${host}:${port}`
  if (code === undefined) {
    const isLocal = host === 'localhost' || host === '127.0.0.1' || host === '::1'
    const reach = isLocal ? ', reachable from this machine only' : ''
    return port === 0
      ? ok('side port', `any free port on ${host}${reach}`)
      : ok('side port', `${where} is free${reach}`)
  }
  if (code === 'EADDRINUSE') {
    return warning('side port', `${where} is in use`, whatHappens(fleet))
  }
  return problem('side port', `${where} cannot be listened on (${code})`, 'set OTEL_EXPORTER_PROMETHEUS_HOST and _PORT')
}

function whatHappens({ enabled, portFallbacks }: Settings['fleet']): string {
  const byAnother =
    portFallbacks > 0
      ? `if by another program, one of the next ${portFallbacks} ports is used; or set OTEL_EXPORTER_PROMETHEUS_PORT`
      : 'if by another program, set OTEL_EXPORTER_PROMETHEUS_PORT'
  return `${enabled ? 'if by processes of this service, the app joins them' : 'it is not shared (OBS_FLEET=false)'}; ${byAnother}`
}

function codeOfListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
