import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

const CLIENTS = join(ROOT, 'test', 'clients')

/** Returns the path of an app in the folder of test/clients, from which it can resolve the clients. */
export function clientApp(name: string): string {
  return join(CLIENTS, name)
}

/** Requires a file of one of the clients, even if it is not exported. */
export function requireFromClient(path: string): unknown {
  return createRequire(import.meta.url)(join(CLIENTS, 'node_modules', path))
}

/** Returns the reason for a test's `skip`. If every service is required, what is missing is a failure. */
export function withoutClients(): string | false {
  if (existsSync(join(CLIENTS, 'node_modules'))) return false
  const missing = 'test/clients is not installed: npm ci --prefix test/clients'
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(missing)
  return missing
}
