/**
 * Verifies that every patch of a dependency (`patches/`) is still needed: `node scripts/unpatched.ts [NAME…]` builds the
 * package without it, in a copy of the repository, and runs the test that the patch names, which has to fail. The test
 * has to pass with all patches. With a part of a name, only the patches that contain it are verified. It takes half an
 * hour for all of them, so no other check runs it: run it after an upgrade of the SDK.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { PATCHES } from './patches/patches.ts'
import type { Patch } from './patches/text-patch.ts'

const ROOT = join(import.meta.dirname, '..')

interface Outcome {
  readonly isPassed: boolean
  /** The names of the tests that failed, or what the process printed last. */
  readonly failed: string
}

/**
 * Copies the files that git knows, and links the installed packages: those of the bundle file by file, since the names
 * of modules are part of a chunk's size.
 */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'obs-unpatched-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(ROOT, file), join(copy, file))
  }
  execFileSync('cp', ['-al', join(ROOT, 'node_modules'), join(copy, 'node_modules')])
  const installed = globSync('test/**/node_modules', { cwd: ROOT, exclude: (path) => path.includes('node_modules/') })
  for (const folder of installed) symlinkSync(join(ROOT, folder), join(copy, folder))
  return copy
}

/** Returns why the build failed; undefined if it did not. */
function build(copy: string, options: readonly string[] = []): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.ts', ...options], {
    cwd: copy,
    encoding: 'utf8',
  })
  return status === 0 ? undefined : (/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr)
}

function runTest(copy: string, file: string): Outcome {
  const isProgram = !file.endsWith('.test.ts')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', isProgram ? 'test/transparency/transparency.test.ts' : file],
    {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: {
        ...process.env,
        OBS_TEST_SERVICES: 'require',
        ...(isProgram ? { OBS_TRANSPARENCY: `/${basename(file)}`, OBS_TEST_MATRIX: 'all' } : {}),
      },
    },
  )
  const failed = [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name).join('; ')
  return { isPassed: status === 0, failed: failed === '' ? stderr.slice(-500) : failed }
}

/** Returns what is wrong with a patch; undefined if its test needs it. */
function problemOf({ name, test }: Patch, copy: string, passing: Map<string, boolean>): string | undefined {
  if (!passing.has(test)) {
    const failure = build(copy)
    if (failure !== undefined) throw new Error(`the build fails with all patches: ${failure}`)
    const { isPassed, failed } = runTest(copy, test)
    passing.set(test, isPassed)
    if (!isPassed) console.log(`  ${test} fails with all patches: ${failed}`)
  }
  if (passing.get(test) === false) return `${test} fails with all patches`
  const failure = build(copy, ['--without', name])
  if (failure !== undefined) return `the build fails without it (${failure}), so that the test could not run`
  const { isPassed, failed } = runTest(copy, test)
  if (isPassed) return `${test} passes without the patch`
  console.log(`  ${test}: ${failed}`)
  return undefined
}

const parts = process.argv.slice(2)
const chosen = PATCHES.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)))
const copy = copyRepository()
const passing = new Map<string, boolean>()
try {
  for (const patch of chosen) {
    const problem = problemOf(patch, copy, passing)
    console.log(
      `${problem === undefined ? 'needed' : 'NOT PROVEN'}  ${patch.name}${problem === undefined ? '' : `: ${problem}`}`,
    )
    if (problem !== undefined) process.exitCode = 1
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
