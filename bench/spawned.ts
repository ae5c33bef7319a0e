import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { environmentOf } from './subjects.ts'
import type { Subject } from './subjects.ts'

/** The ports to which every process sends its spans and on which it serves its side port. */
export interface Ports {
  readonly sink: number
  readonly side: number
}

export function app(file: string): string {
  return join(import.meta.dirname, 'apps', file)
}

/** `fastify-start` is an ES module, all others are CommonJS. */
function appNamed(name: string): string {
  const file = app(`${name}.mjs`)
  return existsSync(file) ? file : app(`${name}.cjs`)
}

/** Runs a process to its end. Returns how long that took and what it wrote. */
export async function runToEnd(
  subject: Subject<string>,
  name: string,
  ports: Ports,
  env: Readonly<Record<string, string>> = {},
): Promise<{ elapsedMs: number; stdout: string }> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...subject.nodeArgs, appNamed(name)], {
    env: { ...environmentOf(subject, ports.sink, ports.side), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${name} under ${subject.name} ended with ${code}`)
  return { elapsedMs: performance.now() - startedAt, stdout }
}

export interface Server {
  readonly pid: number
  readonly url: string
  /** Returns the CPU time so far, in microseconds. */
  cpuMicros(): Promise<number>
  residentMegabytes(): Promise<number>
  /** Returns the longest turn of the event loop since the previous call, for apps that measure it. */
  longestTurnMs(): Promise<number>
  end(): Promise<void>
}

export async function startServer(subject: Subject<string>, name: string, ports: Ports): Promise<Server> {
  const child = spawn(process.execPath, [...subject.nodeArgs, appNamed(name)], {
    env: environmentOf(subject, ports.sink, ports.side),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const { port } = await message<{ port: number }>(child)
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} under ${subject.name} did not start`)
  const ask = async <T>(): Promise<T> => {
    const answer = message<T>(child)
    child.send('?')
    return await answer
  }
  return {
    pid,
    url: `http://127.0.0.1:${port}/users/7`,
    cpuMicros: async () => {
      const { cpu } = await ask<{ cpu: NodeJS.CpuUsage }>()
      return cpu.user + cpu.system
    },
    residentMegabytes: async () => (await ask<{ rss: number }>()).rss / 1e6,
    longestTurnMs: async () => (await ask<{ longestMs: number }>()).longestMs,
    end: async () => {
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

async function message<T>(child: ChildProcess): Promise<T> {
  const [received] = (await once(child, 'message')) as [T]
  return received
}
