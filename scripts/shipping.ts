/**
 * `node scripts/shipping.ts`: tries every way of building, starting and shipping in test/shipping, which takes minutes,
 * and writes the ones that passed to docs/shipping.md. Needs `npm run build`, and `npm ci --prefix` for test/shipping,
 * test/shipping/every, test/tools and test/matrix. A row that fails or is not installed is not written; a failure makes
 * the exit code 1. `node scripts/shipping.ts NOTES` writes the results that runs with `OBS_SHIPPING_NOTES=NOTES` have
 * recorded, without running anything.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shape } from '../test/shipping/shapes.ts'

const ROOT = join(import.meta.dirname, '..')
const DOCUMENT = join(ROOT, 'docs/shipping.md')
const BEGIN = '<!-- table -->'
const END = '<!-- /table -->'

const [noted] = process.argv.slice(2)
if (noted === undefined) runAll()
else print(shapesIn(noted))

function runAll(): void {
  const folder = mkdtempSync(join(tmpdir(), 'obs-shipping-'))
  try {
    const notes = join(folder, 'notes')
    writeFileSync(notes, '')
    const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=2', 'test/shipping/*.test.ts'], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, OBS_TEST_SHIPPING: 'all', OBS_SHIPPING_NOTES: notes },
    })
    print(shapesIn(notes))
    process.exitCode = status ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One shape per line, without duplicates. */
function shapesIn(notes: string): readonly Shape[] {
  const lines = readFileSync(notes, 'utf8').split('\n')
  return [...new Set(lines.filter((line) => line !== ''))].map((line) => JSON.parse(line) as Shape)
}

function print(shapes: readonly Shape[]): void {
  const date = new Date().toISOString().slice(0, 10)
  const kinds = [...new Set(shapes.map(({ kind }) => kind))].toSorted()
  const tables = kinds.map((kind) => {
    const rows = shapes
      .filter((shape) => shape.kind === kind)
      .toSorted((one, other) => one.name.localeCompare(other.name))
    return `### ${kind}\n\n| Setup | Result |\n| --- | --- |\n${rows.map(({ name, outcome }) => `| ${name} | ${outcome} |`).join('\n')}\n`
  })
  const about = `${shapes.length} setups passed on ${date}, with Node.js ${process.versions.node} on ${process.platform}.`
  const text = readFileSync(DOCUMENT, 'utf8')
  const [before, after] = [text.slice(0, text.indexOf(BEGIN)), text.slice(text.indexOf(END))]
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${about}\n\n${tables.join('\n')}\n${after}`)
}
