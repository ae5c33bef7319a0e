import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * The package's own lines. It takes `fs.writeSync` when it is loaded and writes past `process.stderr`, so this module has to
 * be imported before any of the package's.
 */
let captured: string[] | undefined
const { writeSync } = fs

fs.writeSync = function (fd: number, data: string | NodeJS.ArrayBufferView, ...rest: never[]): number {
  if (captured === undefined || typeof data !== 'string' || !data.startsWith('@paxx/obs: ')) {
    return Reflect.apply(writeSync, fs, [fd, data, ...rest])
  }
  captured.push(data)
  return data.length
} as typeof fs.writeSync
syncBuiltinESMExports()

/** The lines from now on, until the test ends. */
export function captureStderr(t: { after(work: () => void): void }): () => readonly string[] {
  const lines: string[] = []
  captured = lines
  t.after(() => (captured = undefined))
  return () => lines
}
