import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

const AUTOCANNON = createRequire(import.meta.url).resolve('autocannon')

export interface LoadFigures {
  readonly answered: number
  readonly p99Ms: number
}

/**
 * Sends requests from a separate process, limited by autocannon's arguments in `limits`. Fails if one is not answered.
 */
export async function load(url: string, limits: readonly string[]): Promise<LoadFigures> {
  const args = [AUTOCANNON, '--json', '--connections', '32', ...limits, url]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 })
  const result = JSON.parse(stdout) as {
    '2xx': number
    non2xx: number
    errors: number
    latency: { p99: number }
  }
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} requests failed`)
  return { answered: result['2xx'], p99Ms: result.latency.p99 }
}
