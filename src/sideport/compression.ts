import type { Transform } from 'node:stream'

export type Encoding = 'identity' | 'gzip' | 'zstd'

/**
 * Returns the encoding for an `Accept-Encoding` header, preferring the one with the best size for its CPU cost.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
 */
export function negotiateEncoding(acceptEncoding: string | undefined): Encoding {
  const accepted = new Map<string, number>()
  for (const entry of (acceptEncoding ?? '').slice(0, 1024).split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
    accepted.set(name, Number(q) || 0)
  }
  const weight = (name: string): number => accepted.get(name) ?? accepted.get('*') ?? 0
  // "*" is not enough: a client that does not name zstd may not support it.
  const zstd = accepted.get('zstd') ?? 0
  if (zstd > 0 && zstd >= weight('gzip') && canZstd()) return 'zstd'
  return weight('gzip') > 0 ? 'gzip' : 'identity'
}

/**
 * Creates a compressor, which works in libuv's threads. `node:zlib` is loaded on demand: that saves a third of a small
 * app's start-up.
 */
export function createCompressor(encoding: 'gzip' | 'zstd'): Transform {
  const zlib = process.getBuiltinModule('node:zlib')
  return encoding === 'gzip' ? zlib.createGzip({ level: 4 }) : zlib.createZstdCompress()
}

/** Node.js has zstd since 22.15 and 23.8. */
function canZstd(): boolean {
  return typeof process.getBuiltinModule('node:zlib').createZstdCompress === 'function'
}
