import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

const CLIENTS = join(ROOT, 'test', 'clients')

/** An app beside the clients of test/clients, which only apps there resolve. */
export function clientApp(name: string): string {
  return join(CLIENTS, name)
}

/** A file inside one of the clients, exported or not. */
export function requireFromClient(path: string): unknown {
  return createRequire(import.meta.url)(join(CLIENTS, 'node_modules', path))
}

/** For a test's `skip`; where every service is required, what is missing is a failure. */
export function withoutClients(): string | false {
  if (existsSync(join(CLIENTS, 'node_modules'))) return false
  const missing = 'test/clients is not installed: npm ci --prefix test/clients'
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(missing)
  return missing
}
