import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { endChild, spawnChild } from './children.ts'

export interface RunResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

export interface RunningProcess {
  readonly pid: number
  readonly child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** Rejects if the process had to be killed because it exceeded its time limit. */
  readonly exited: Promise<RunResult>
  /** Resolves with the first match in the stream, past or future; rejects if the process ends without one. */
  waitFor(pattern: RegExp, stream?: 'stdout' | 'stderr', timeoutMs?: number): Promise<RegExpMatchArray>
  /** Writes to its stdin, with `stdinStaysOpen`. */
  write(text: string): void
  kill(signal?: NodeJS.Signals): void
}

export interface ProcessOptions {
  /** Added to an otherwise empty environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Written to stdin, which is then closed. If undefined, there is no stdin. */
  readonly stdin?: string
  /** For `write()`. */
  readonly stdinStaysOpen?: boolean
  /** Default 30 s. */
  readonly timeoutMs?: number
}

/** Starts a process that is ended with the test at the latest; its output is printed only if the test fails. */
export function startProcess(
  t: Pick<TestContext, 'after'>,
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): RunningProcess {
  const running = new TrackedProcess(command, args, options)
  t.after(async () => {
    await endChild(running.child)
    if ((t as { passed?: boolean }).passed === false) printOutput([command, ...args].join(' '), running)
  })
  return running
}

/** The environment is built from scratch, so that OTEL_* or NODE_OPTIONS in the developer's shell have no effect. */
export function freshEnvironment(added: ProcessOptions['env'] = {}): NodeJS.ProcessEnv {
  const base = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TMPDIR: tmpdir(),
    XDG_RUNTIME_DIR: runtimeFolder(),
    LANG: 'C.UTF-8',
  }
  return Object.fromEntries(Object.entries({ ...base, ...added }).filter(([, value]) => value !== undefined))
}

let sharedRuntimeFolder: string | undefined

/** Files that killed processes leave there are removed with the run of the tests. */
function runtimeFolder(): string {
  if (sharedRuntimeFolder === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'obs-run-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    sharedRuntimeFolder = folder
  }
  return sharedRuntimeFolder
}

class TrackedProcess implements RunningProcess {
  readonly child: ChildProcess
  readonly exited: Promise<RunResult>
  stdout = ''
  stderr = ''
  readonly #startedAt = performance.now()
  readonly #waiters = new Set<() => void>()
  #ended = false

  constructor(command: string, args: readonly string[], options: ProcessOptions) {
    const { stdin, stdinStaysOpen = false, timeoutMs = 120_000, cwd, env } = options
    const spawnOptions: SpawnOptions = {
      env: freshEnvironment(env),
      stdio: [stdin === undefined && !stdinStaysOpen ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    }
    this.child = spawnChild(command, args, spawnOptions)
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#received('stdout', chunk))
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.#received('stderr', chunk))
    this.child.stdin?.on('error', () => {})
    if (stdin !== undefined) this.child.stdin?.end(stdin)
    this.exited = this.#untilClosed(timeoutMs)
    this.exited.catch(() => {})
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process did not start')
    return this.child.pid
  }

  write(text: string): void {
    this.child.stdin?.write(text)
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.child.kill(signal)
  }

  waitFor(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout', timeoutMs = 60_000): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(new Error(`no ${pattern} on ${stream}`))), timeoutMs)
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#waiters.delete(look)
        settle()
      }
      const look = (): void => {
        const match = this[stream].match(pattern)
        if (match) finish(() => resolve(match))
        else if (this.#ended) finish(() => reject(new Error(`the process ended without ${pattern} on ${stream}`)))
      }
      this.#waiters.add(look)
      look()
    })
  }

  #received(stream: 'stdout' | 'stderr', chunk: string): void {
    this[stream] += chunk
    this.#notify()
  }

  #notify(): void {
    for (const look of this.#waiters) look()
  }

  #untilClosed(timeoutMs: number): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      let overdue = false
      let elapsedMs = 0
      const timer = setTimeout(() => {
        overdue = true
        this.child.kill('SIGKILL')
      }, timeoutMs)
      this.child.once('error', reject)
      this.child.once('exit', () => (elapsedMs = performance.now() - this.#startedAt))
      this.child.once('close', (code, signal) => {
        clearTimeout(timer)
        this.#ended = true
        this.#notify()
        if (overdue) reject(new Error(`killed after ${timeoutMs} ms`))
        else resolve({ code, signal, stdout: this.stdout, stderr: this.stderr, elapsedMs })
      })
    })
  }
}

function printOutput(title: string, { stdout, stderr }: RunningProcess): void {
  for (const [stream, text] of Object.entries({ stdout, stderr })) {
    if (text) process.stderr.write(`--- ${stream} of ${title}\n${text}\n`)
  }
}
