import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Subject, type SubjectName, SUBJECTS } from './subjects.ts'

const FOLDER = join(import.meta.dirname, 'peers/node_modules/dd-trace')

export type PeerName = SubjectName | 'dd-trace'

/** dd-trace beside the other subjects, with an agent that takes everything (`npm ci --prefix bench/peers`). */
export interface Peers {
  readonly version: string
  readonly subjects: readonly Subject<PeerName>[]
  readonly end: () => void
}

export async function startPeers(): Promise<Peers> {
  const agent = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(
        request.url === '/info' ? '{"version":"7.50.0","endpoints":["/v0.4/traces"]}' : '{"rate_by_service":{}}',
      )
    })
  })
  await once(agent.listen(0, '127.0.0.1'), 'listening')
  const ddTrace: Subject<PeerName> = {
    name: 'dd-trace',
    nodeArgs: ['--require', join(FOLDER, 'init.js')],
    env: {
      DD_TRACE_AGENT_URL: `http://127.0.0.1:${(agent.address() as AddressInfo).port}`,
      DD_TRACE_STARTUP_LOGS: 'false',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    },
  }
  const { version } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as { version: string }
  return { version, subjects: [...SUBJECTS, ddTrace], end: () => agent.close() }
}
