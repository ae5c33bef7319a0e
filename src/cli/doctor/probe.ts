import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import type { Handle } from '../../base/handle.ts'
import type { Inspection } from '../../base/inspection.ts'

/** What a process of the trial run reports about itself. */
export interface ProbeReport {
  readonly pid: number
  readonly script: string | undefined
  /** Undefined if the preload did not start in it. */
  readonly inspection: Inspection | undefined
  readonly notStartedReason: string | undefined
}

const INTERVAL_MS = 200

/** Reports the current state. Loaded after the preload by `paxx-obs doctor -- …` into each process of the trial run. */
export function observe(folder: string): void {
  if (!isMainThread) return
  const handle = (globalThis as Record<symbol, Handle | undefined>)[Symbol.for('@paxx/obs')]
  const file = join(folder, `${process.pid}.json`)
  let written = ''
  const report = (): void => {
    try {
      const text = JSON.stringify({
        pid: process.pid,
        script: process.argv[1],
        inspection: handle?.inspect?.(),
        notStartedReason: handle?.notStartedReason,
      } satisfies ProbeReport)
      if (text === written) return
      written = text
      writeFileSync(`${file}.tmp`, text)
      renameSync(`${file}.tmp`, file)
    } catch {
      // The folder was removed because the trial is over.
    }
  }
  report()
  setInterval(report, INTERVAL_MS).unref()
  process.on('exit', report)
  if (handle !== undefined) handle.ended = report
}
