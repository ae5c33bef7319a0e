import { interleaved } from './interleaved.ts'
import { runToEnd } from './spawned.ts'
import type { Ports } from './spawned.ts'
import type { BySubject } from './subjects.ts'

/** Measures the milliseconds from the start of the process to its natural end. */
export async function startUp(
  name: 'empty' | 'express-start',
  rounds: number,
  ports: Ports,
  env: Readonly<Record<string, string>> = {},
): Promise<BySubject<number>> {
  const { elapsedMs } = await interleaved(rounds, async (subject) => {
    const run = await runToEnd(subject, name, ports, env)
    return { elapsedMs: run.elapsedMs }
  })
  return elapsedMs
}

/** Measures the resident megabytes of a program that does nothing. */
export async function memory(rounds: number, ports: Ports): Promise<BySubject<number>> {
  const { megabytes } = await interleaved(rounds, async (subject) => {
    const { stdout } = await runToEnd(subject, 'memory', ports)
    return { megabytes: Number(stdout) / 1e6 }
  })
  return megabytes
}
