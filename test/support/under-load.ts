import { pause } from './pause.ts'

const LIMIT_MS = 60_000
const BETWEEN_REQUESTS_MS = 5
const BETWEEN_LOOKS_MS = 500

/**
 * Sends requests, one after the other, until a look finds nothing missing. Resolves with what the last look found
 * missing.
 */
export async function emptyUnderLoad(
  request: () => Promise<unknown>,
  look: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const load = new AbortController()
  const loading = (async () => {
    while (!load.signal.aborted) {
      await request()
      await pause(BETWEEN_REQUESTS_MS, 'the load is light')
    }
  })()
  try {
    const endMs = performance.now() + LIMIT_MS
    for (;;) {
      const missing = await look()
      if (missing.length === 0 || performance.now() > endMs) return missing
      await pause(BETWEEN_LOOKS_MS, 'a look costs the app more than a request')
    }
  } finally {
    load.abort()
    await loading
  }
}
