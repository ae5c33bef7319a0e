import { inspect } from 'node:util'
import { hideCredentialsIn } from './credentials-in-text.ts'
import { writeWithoutBlocking } from './stderr.ts'
import type { LogLevel } from '../settings/settings.ts'

/** Taken before anything is instrumented: our lines are not file writes of the app. */
const { writeSync } = process.getBuiltinModule('node:fs')

/**
 * The log of this package: single lines on stderr, written synchronously (so that a line appears even while the process
 * exits) and dropped when that would block. stdout is the app's alone.
 */
const RANK: Readonly<Record<LogLevel, number>> = { none: 0, error: 1, warn: 2, info: 3, debug: 4, verbose: 5, all: 6 }

/** Longer lines are cut, since a peer may have worded parts of them. */
const MAX_LINE_CHARS = 2000

let rank = RANK.info

/** Sets the most verbose level that is written. Default `info`. */
export function setLogLevel(level: LogLevel): void {
  rank = RANK[level]
}

export function error(message: string): void {
  write(RANK.error, message)
}

export function warn(message: string): void {
  write(RANK.warn, message)
}

export function info(message: string): void {
  write(RANK.info, message)
}

export function debug(message: string): void {
  write(RANK.debug, message)
}

/**
 * Prints a value for the `console` exporters. It is written at every level and in full, even if that blocks, because
 * the user asked for it.
 */
export function print(what: string, value: object): void {
  const text = inspect(value, { depth: 6, breakLength: Infinity, compact: true })
  quietly(() => writeSync(2, `@paxx/obs: ${inOneLine(`${what} ${text}`)}\n`))
}

/** Prints lines that the user asked for (`OBS_PRINT`), without the prefix. */
export function writeLines(lines: readonly string[]): void {
  try {
    writeSync(2, `${lines.join('\n')}\n`)
  } catch {
    // Dropped, as below.
  }
}

/** Returns the reason of anything thrown, in one line. */
export function reasonOf(thrown: unknown): string {
  try {
    const reason = String(thrown instanceof Error ? thrown.message || thrown.name : thrown)
    return reason.slice(0, MAX_LINE_CHARS).replace(/\s+/g, ' ').trim()
  } catch {
    // A getter of what was thrown may throw itself.
    return 'unreadable error'
  }
}

function write(level: number, message: string): void {
  if (level <= rank) quietly(() => writeWithoutBlocking(lineOf(message)))
}

/**
 * Formats a line. Collectors, peers and settings word parts of it, and a terminal would obey their control characters.
 */
function lineOf(message: string): string {
  // Credentials are hidden before the line is cut: a cut URL could end inside its password.
  const shown = hideCredentialsIn(message.slice(0, 4 * MAX_LINE_CHARS), '***')
  const text = shown.length > MAX_LINE_CHARS ? `${shown.slice(0, MAX_LINE_CHARS)}…` : shown
  return `@paxx/obs: ${inOneLine(text)}\n`
}

function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** A closed or full stderr is the app's concern, and there is nowhere else to log. */
function quietly(writes: () => void): void {
  try {
    writes()
  } catch {
    // Dropped.
  }
}
