import { setTimeout as sleep } from 'node:timers/promises'
import type { Collector } from './collector.ts'
import { interleaved } from './interleaved.ts'
import { load } from './load.ts'
import { startServer } from './spawned.ts'
import type { Ports } from './spawned.ts'
import type { BySubject } from './subjects.ts'

export interface LoadPlan {
  readonly rounds: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

export type ServerName = 'http' | 'express' | 'fastify'

/**
 * Returns the cost of a request at full load: CPU time over all threads of the server, bytes received by the collector,
 * and resident memory under that load.
 */
export async function costOfRequest(
  name: ServerName,
  plan: LoadPlan,
  ports: Ports,
  collector: Collector,
): Promise<Record<'cpuMicros' | 'sentBytes' | 'megabytes', BySubject<number>>> {
  return await interleaved(plan.rounds, async (subject) => {
    const server = await startServer(subject, name, ports)
    try {
      await load(server.url, ['--duration', String(plan.warmUpSeconds)])
      await collector.receivedBytes()
      const before = await server.cpuMicros()
      const { answered } = await load(server.url, ['--duration', String(plan.seconds)])
      const cpuMicros = ((await server.cpuMicros()) - before) / answered
      const megabytes = await server.residentMegabytes()
      // Waits for batches that are still in flight.
      await sleep(200)
      return { cpuMicros, megabytes, sentBytes: (await collector.receivedBytes()) / answered }
    } finally {
      await server.end()
    }
  })
}
