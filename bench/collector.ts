import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The sink in its own process. */
export interface Collector {
  readonly port: number
  /** What came since this was asked the last time. */
  receivedBytes(): Promise<number>
  end(): void
}

/** `port`: any free one by default. */
export async function startCollector(port = 0): Promise<Collector> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sink.ts'), String(port)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const [listening] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return {
    port: Number(listening.toString()),
    receivedBytes: async () => {
      const answer = once(child, 'message')
      child.send('received')
      const [bytes] = (await answer) as [number]
      return bytes
    },
    end: () => child.kill(),
  }
}
