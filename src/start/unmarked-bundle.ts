import { close, open, read, stat } from 'node:fs'
import { promisify } from 'node:util'
import { info } from '../base/diag.ts'
import { partsOf } from '../bundler/parts.ts'
import { packagesInside } from '../bundler/signs.ts'

const ENOUGH_BYTES = 4 * 1024 * 1024

/**
 * Logs once that the main script is a bundle whose packages are not instrumented, and what to do. Files below
 * `smallestBytes` are not judged. Never rejects.
 */
export async function logUnmarkedBundle(
  mainScript: string,
  names: readonly string[],
  smallestBytes: number,
): Promise<void> {
  const known = new Set(names)
  const inside = new Set<string>()
  for await (const text of partsOf(mainScript, textOf)) {
    if (text.length < smallestBytes) continue
    for (const name of packagesInside(text, known)?.packages ?? []) inside.add(name)
  }
  if (inside.size === 0) return
  info(
    `${mainScript} is a bundle with ${[...inside].toSorted().join(', ')} inside, not instrumented; build it with the plugin of @paxx/obs/bundler, or keep them external`,
  )
}

/** Returns undefined if it cannot be read or is not a file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    const stats = await promisify(stat)(path)
    return stats.isFile() ? await beginningOf(path, stats.size) : undefined
  } catch {
    return undefined
  }
}

async function beginningOf(path: string, size: number): Promise<string> {
  const file = await promisify(open)(path, 'r')
  try {
    const bytes = Math.min(size, ENOUGH_BYTES)
    // In a single executable application, the app is appended to Node.js.
    const position = path === process.execPath ? size - bytes : 0
    const { buffer, bytesRead } = await promisify(read)(file, Buffer.alloc(bytes), 0, bytes, position)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    close(file)
  }
}
