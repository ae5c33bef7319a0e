import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ROOT } from './paths.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A second installation of the built package, in a folder that is removed with the test. */
export interface PackageCopy {
  readonly folder: string
  readonly register: string
}

export function copyPackage(t: TestContext, version = '9.9.9'): PackageCopy {
  const folder = temporaryFolder(t, 'copy')
  for (const part of ['register', 'dist']) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return { folder, register: join(folder, 'register', 'index.cjs') }
}
