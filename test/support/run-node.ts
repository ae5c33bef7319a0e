import { isAbsolute, join } from 'node:path'
import type { TestContext } from 'node:test'
import { APPS, ROOT } from './paths.ts'
import { startProcess } from './running-process.ts'
import type { ProcessOptions, RunningProcess, RunResult } from './running-process.ts'
import { SUBJECT } from './subject.ts'

/** How the preload is loaded; `none` is bare Node.js. */
export type PreloadWay = 'import' | 'require' | 'NODE_OPTIONS import' | 'NODE_OPTIONS require' | 'none'

export interface NodeOptions extends ProcessOptions {
  /** A file of test/apps, or an absolute path. If undefined, `nodeArgs` say what to run (`-e …`). */
  readonly app?: string
  readonly preload?: PreloadWay
  /** What is preloaded; default this package's `register`. */
  readonly register?: string
  readonly execPath?: string
  /** Flags before and after the preload's own. */
  readonly nodeArgs?: readonly string[]
  readonly nodeArgsAfter?: readonly string[]
  readonly args?: readonly string[]
}

/** Runs the process to its end; the test asserts on the result. */
export async function runNode(t: Pick<TestContext, 'after'>, options: NodeOptions): Promise<RunResult> {
  return await startNode(t, options).exited
}

export function startNode(t: Pick<TestContext, 'after'>, options: NodeOptions): RunningProcess {
  const { execPath = process.execPath, preload = 'import', register = SUBJECT.register } = options
  return startProcess(t, execPath, commandLine(options, preload, register), {
    cwd: ROOT,
    ...options,
    env: { ...SUBJECT.env, ...nodeOptionsVariable(preload, register), ...options.env },
  })
}

function commandLine(options: NodeOptions, preload: PreloadWay, register: string): string[] {
  const { nodeArgs = [], nodeArgsAfter = [], app, args = [] } = options
  const flag = preload === 'import' || preload === 'require' ? [`--${preload}`, register] : []
  const main = app === undefined ? [] : [isAbsolute(app) ? app : join(APPS, app)]
  return [...nodeArgs, ...flag, ...nodeArgsAfter, ...main, ...args]
}

function nodeOptionsVariable(preload: PreloadWay, register: string): Record<string, string> {
  const way = preload.startsWith('NODE_OPTIONS ') ? preload.slice('NODE_OPTIONS '.length) : undefined
  return way === undefined ? {} : { NODE_OPTIONS: `--${way} ${register}` }
}
