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
 * Per request at full load: processor time over all threads of the server, and what reached the collector; and the resident
 * memory under that load, of all threads as well.
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
      // What is still on its way.
      await sleep(200)
      return { cpuMicros, megabytes, sentBytes: (await collector.receivedBytes()) / answered }
    } finally {
      await server.end()
    }
  })
}
