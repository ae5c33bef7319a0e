import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ROOT } from './paths.ts'
import { type ProcessOptions, type RunningProcess, startProcess } from './running-process.ts'

export const CLI: string = join(ROOT, 'register', 'cli.cjs')

/** Runs `paxx-obs …` in a folder of the test. */
export function startCli(t: TestContext, args: readonly string[], options: ProcessOptions): RunningProcess {
  return startProcess(t, process.execPath, [CLI, ...args], options)
}
