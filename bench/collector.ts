import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The sink, in a process of its own. */
export interface Collector {
  readonly port: number
  /** Returns the bytes received since the previous call. */
  receivedBytes(): Promise<number>
  end(): void
}

/** `port` defaults to any free one. */
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
