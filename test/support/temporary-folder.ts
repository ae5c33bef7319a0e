import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** Creates an empty folder that is removed with the test. */
export function temporaryFolder(t: Pick<TestContext, 'after'>, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `obs-${name}-`))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
