import fs from 'node:fs'
import { inspect } from 'node:util'
import { hideCredentials } from './shown-url.ts'
import { writeWithoutBlocking } from './stderr.ts'
import type { LogLevel } from '../settings/settings.ts'

/** As it was before anything was instrumented: lines of ours are not file writes of the app. */
const { writeSync } = fs

/**
 * The package's only voice: single lines on stderr, written at once (a line said while the process dies must
 * still come out), and dropped where that would block. stdout is the app's alone.
 */
const RANK: Readonly<Record<LogLevel, number>> = { none: 0, error: 1, warn: 2, info: 3, debug: 4, verbose: 5, all: 6 }

/** Enough for any reason; a peer that says more is cut off. */
const MAX_LINE_CHARS = 2000

let rank = RANK.info

/** From the settings stage on, lines above this level are not written. Default `info`. */
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

/** For the `console` exporters: asked for by the user, so written at every level and whole, however long it takes. */
export function print(what: string, value: object): void {
  const text = inspect(value, { depth: 6, breakLength: Infinity, compact: true })
  quietly(() => writeSync(2, `@paxx/obs: ${inOneLine(`${what} ${text}`)}\n`))
}

/** Lines that the user asked for (`OBS_PRINT`), without our prefix. */
export function writeLines(lines: readonly string[]): void {
  try {
    writeSync(2, `${lines.join('\n')}\n`)
  } catch {
    // As below.
  }
}

/** The reason of anything that was thrown, in one line. */
export function reasonOf(thrown: unknown): string {
  try {
    const reason = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
    return reason.slice(0, MAX_LINE_CHARS).replace(/\s+/g, ' ').trim()
  } catch {
    // Whoever threw it may also have it throw when it is read.
    return 'what was thrown cannot be read'
  }
}

function write(level: number, message: string): void {
  if (level <= rank) quietly(() => writeWithoutBlocking(lineOf(message)))
}

/** A collector, a peer or a setting words parts of a line, and a terminal would obey their control characters. */
function lineOf(message: string): string {
  // Cut first, a URL could end inside of its password.
  const shown = hideCredentials(message.slice(0, 4 * MAX_LINE_CHARS))
  const text = shown.length > MAX_LINE_CHARS ? `${shown.slice(0, MAX_LINE_CHARS)}…` : shown
  return `@paxx/obs: ${inOneLine(text)}\n`
}

function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** A closed or full stderr is the app's business; telemetry has nowhere else to speak. */
function quietly(writes: () => void): void {
  try {
    writes()
  } catch {
    // Dropped.
  }
}
