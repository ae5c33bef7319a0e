import { readFileSync } from 'node:fs'

/** This process in the names of files: its number and, since numbers are given again, when it started. */
export function ownProcessId(): string {
  return `${process.pid}-${statOf(process.pid)?.start ?? 0}`
}

export function isAlive(id: string): boolean {
  const [pid = 0, start = 0] = id.split('-').map(Number)
  try {
    process.kill(pid, 0)
  } catch {
    // No such process, or another user's: then the number was given again.
    return false
  }
  const found = statOf(pid)
  return found === undefined || (!found.hasEnded && (start === 0 || found.start === start))
}

interface Stat {
  /** Nobody has asked for its exit code yet. */
  readonly hasEnded: boolean
  /** In clock ticks since the boot. */
  readonly start: number
}

/** Linux. proc(5): the second field, a name, may have spaces and brackets; the state is the third, the start the 22nd. */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { hasEnded: fields[0] === 'Z' || fields[0] === 'X', start: Number(fields[19]) }
  } catch {
    return undefined
  }
}

/** Whether a text that came from elsewhere is one; it becomes part of a file's name. */
export function isProcessId(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,10}-\d{1,20}$/.test(value)
}

/** Slots are given from 0 on; a million processes on one port there are not. */
export function isSlot(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1_000_000
}
