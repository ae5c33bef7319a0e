import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

const TOOLS = join(ROOT, 'test', 'tools', 'node_modules')

/** Returns the path of a script of a tool in test/tools. */
export function toolScript(path: string): string {
  return join(TOOLS, path)
}

/** Returns the reason for a test's `skip`. If every service is required, what is missing is a failure. */
export function withoutTools(): string | false {
  if (existsSync(TOOLS) || process.env['OBS_TEST_SERVICES'] === 'require') return false
  return 'test/tools is not installed: npm ci --prefix test/tools'
}
