import type { SpawnSyncOptionsWithBufferEncoding } from 'node:child_process'
import { readFileSync, writeSync } from 'node:fs'
import { setLogLevel } from '../base/diag.ts'
import { inherited } from '../base/environment.ts'
import type { LogLevel } from '../settings/settings.ts'
import { createExporters, type ExporterData } from './exporters.ts'
import { Ledger } from './ledger.ts'
import type { Batch, WorkerMessage } from './worker-messages.ts'

/**
 * The last export of a process without an export worker. At its end nothing can be sent from its own thread, which
 * blocks, so a short-lived child process sends what is left: it reads the batches from stdin and answers with its
 * counters. Both sides are in this file.
 */
export interface LastExport extends Omit<ExporterData, 'ledger'> {
  readonly logLevel: LogLevel
  readonly batches: readonly Batch[]
  /** When the child gives up, in milliseconds since the epoch. */
  readonly endsAtMs: number
}

export interface LastExportResult {
  /** The cells of the child's ledger. */
  readonly cells: Int32Array
  /** Why exports failed. */
  readonly troubles: readonly Extract<WorkerMessage, { route: unknown }>[]
}

/** The child ends this much before the parent stops waiting for it, so that its answer arrives. */
const ANSWER_MS = 50
/** The memory that the child needs at most. With less, the system might end the app instead of starting the child. */
const NEEDED_MEMORY_BYTES = 40 * 2 ** 20
/**
 * Variables for the app's own process: with them the child would load the app's preloads or write reports. Node.js adds
 * some of them again unless they are named here. Its permission model passes on its flags, of which the child would
 * warn.
 */
const OF_THE_APP = {
  NODE_OPTIONS: undefined,
  NODE_V8_COVERAGE: undefined,
  NODE_REDIRECT_WARNINGS: undefined,
  NODE_NO_WARNINGS: '1',
}

/**
 * Sends the batches from a child process, and blocks until they are settled or for `timeoutMs`. Throws when no child
 * can be had or it fails.
 */
export function exportInChild(data: Omit<LastExport, 'endsAtMs'>, timeoutMs: number): LastExportResult {
  const whyNot = whyNoChild()
  if (whyNot !== undefined) throw new Error(whyNot)
  const env = { ...inherited().env, ...OF_THE_APP }
  const request: LastExport = { ...data, endsAtMs: Date.now() + timeoutMs - ANSWER_MS }
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { serialize } = process.getBuiltinModule('node:v8')
  const options: SpawnSyncOptionsWithBufferEncoding & { readonly detached: boolean } = {
    input: serialize(request),
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    // In a process group of its own, it does not receive the signals to the group of the app. Not in Node's documentation
    // of `spawnSync()`, which passes it on as `spawn()` does.
    detached: true,
    windowsHide: true,
  }
  const script = `${__dirname}/export-worker.cjs`
  const { error, status, signal, stdout } = spawnSync(process.execPath, [script], options)
  // A child that answered and was killed while it exited has sent all the same.
  const answer = answerIn(stdout)
  if (answer !== undefined) return answer
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT')
    throw new Error(`the process for the last export did not answer within ${Math.round(timeoutMs)} ms`)
  if (error !== undefined) throw error
  throw new Error(`the process for the last export ended with ${signal ?? `code ${status}`} and without an answer`)
}

/** Returns undefined unless the answer is complete. `stdout` is null when no process could be started. */
function answerIn(stdout: Buffer | null): LastExportResult | undefined {
  try {
    return stdout === null ? undefined : (process.getBuiltinModule('node:v8').deserialize(stdout) as LastExportResult)
  } catch {
    return undefined
  }
}

/** Returns why no child process can be had, or undefined when one can. */
function whyNoChild(): string | undefined {
  if (process.permission?.has('child') === false) return 'there is neither an export worker nor --allow-child-process'
  if (process.getBuiltinModule('node:sea')?.isSea() === true) return 'there is neither an export worker nor a Node.js'
  const isLimited = process.constrainedMemory() > 0
  return isLimited && process.availableMemory() < NEEDED_MEMORY_BYTES
    ? 'there is no export worker, and too little memory is left for another process'
    : undefined
}

/** The child's side. */
export async function exportFromStdin(): Promise<void> {
  const { deserialize, serialize } = process.getBuiltinModule('node:v8')
  const { endsAtMs, batches, logLevel, ...data } = deserialize(readFileSync(0)) as LastExport
  setLogLevel(logLevel)
  const ledger = new Ledger()
  const troubles: LastExportResult['troubles'][number][] = []
  const { receive } = createExporters({ ...data, ledger: ledger.buffer }, (message) => {
    if ('route' in message) troubles.push(message)
  })
  for (const batch of batches) {
    ledger.accept(batch)
    receive(batch)
  }
  receive({ endsAtMs })
  await ledger.untilSettled(endsAtMs - Date.now())
  writeSync(1, serialize({ cells: ledger.cells(), troubles } satisfies LastExportResult))
  process.exit()
}
