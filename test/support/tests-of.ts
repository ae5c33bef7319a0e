import { globSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

/**
 * Runs the tests in folders of test/unit in this process. Most of them take less time than a process of Node.js takes to start.
 * Each file still runs by itself.
 */
export async function runTestsOf(...folders: readonly string[]): Promise<void> {
  // It has to be imported before any file of the package.
  await import('./captured-stderr.ts')
  for (const folder of folders) {
    for (const file of globSync(join(ROOT, 'test', 'unit', folder, '**', '*.test.ts')).toSorted()) await import(file)
  }
}
