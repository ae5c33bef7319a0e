import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

const AUTOCANNON = createRequire(import.meta.url).resolve('autocannon')

/** As many requests as the server takes for that long, from a process of its own; how many were answered. */
export async function load(url: string, seconds: number): Promise<number> {
  const args = [AUTOCANNON, '--json', '--connections', '32', '--duration', String(seconds), url]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 })
  const result = JSON.parse(stdout) as { '2xx': number; non2xx: number; errors: number }
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} requests failed`)
  return result['2xx']
}
