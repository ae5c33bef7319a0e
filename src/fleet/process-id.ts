import { readFileSync } from 'node:fs'

/** Returns the id of this process for names of files: its pid and, since pids are reused, its start time. */
export function ownProcessId(): string {
  return `${process.pid}-${statOf(process.pid)?.start ?? 0}`
}

export function isAlive(id: string): boolean {
  const [pid = 0, start = 0] = id.split('-').map(Number)
  try {
    process.kill(pid, 0)
  } catch {
    // There is no such process, or it is another user's, which means that the pid was reused.
    return false
  }
  const found = statOf(pid)
  return found === undefined || (!found.hasEnded && (start === 0 || found.start === start))
}

interface Stat {
  /** Whether the process is a zombie. */
  readonly hasEnded: boolean
  /** The start time in clock ticks since boot. */
  readonly start: number
}

/**
 * Reads the state and start time of a process; Linux only. proc(5): the second field, a name, may contain spaces and
 * brackets; the state is the third field, the start time the 22nd.
 */
function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { hasEnded: fields[0] === 'Z' || fields[0] === 'X', start: Number(fields[19]) }
  } catch {
    return undefined
  }
}

/** Returns whether a value from elsewhere is a process id; it becomes part of a file's name. */
export function isProcessId(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,10}-\d{1,20}$/.test(value)
}

/** Returns whether a value is a slot. Slots count from 0, and no machine runs a million processes of one service. */
export function isSlot(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1_000_000
}
