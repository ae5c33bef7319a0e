import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { rowOf } from '../../src/settings/table.ts'
import { startCli } from '../support/cli.ts'
import { ROOT } from '../support/paths.ts'

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: ROOT })].filter(
  (file) => existsSync(join(ROOT, file)),
)
const textOf = (document: string): string => readFileSync(join(ROOT, document), 'utf8')
const manifest = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

/** What each document says in code: its blocks and its inline pieces. */
function codeOf(document: string): string[] {
  const text = textOf(document)
  const blocks = [...text.matchAll(/```(?:sh|dockerfile|dotenv|js|)\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...blocks, ...inline]
}

for (const document of ['README.md', 'CONTRIBUTING.md']) {
  test(`${document} has at most 150 lines`, () => {
    assert.ok(textOf(document).split('\n').length <= 151)
  })
}

for (const document of DOCUMENTS) {
  test(`${document}: its npm scripts, files and variables exist`, () => {
    for (const code of codeOf(document)) {
      for (const [, name = ''] of code.matchAll(/\bnpm run ([\w:-]+)/g)) {
        assert.ok(manifest.scripts[name] !== undefined, `npm run ${name}`)
      }
      for (const [, file = ''] of code.matchAll(/\b((?:src|scripts|bench|deploy|test|examples)\/[\w./-]+\.\w+)\b/g)) {
        // That document names tests of other packages.
        assert.ok(document === 'docs/suites.md' || existsSync(join(ROOT, file)), file)
      }
      for (const [variable = ''] of code.matchAll(/\b(?:OBS|OTEL)_[A-Z0-9_]*[A-Z0-9]\b(?![_<…*])/g)) {
        // Switches of the tests themselves, and examples of a family.
        if (/^OBS_(?:TEST|MATRIX)|^OTEL_SERVICE_$/.test(variable)) continue
        assert.ok(rowOf(variable) !== undefined, variable)
      }
    }
  })

  test(`${document}: its links lead to a file and a heading`, () => {
    for (const [, target = '', anchor] of textOf(document).matchAll(
      /\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]+))?\)/g,
    )) {
      const file = target === '' ? join(ROOT, document) : join(ROOT, dirname(document), target)
      assert.ok(existsSync(file), target)
      if (anchor === undefined) continue
      const anchors = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title))
      assert.ok(anchors.includes(anchor), `${target}#${anchor}`)
    }
  })
}

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

test('every command and flag of paxx-obs that the documents name is one', async (t) => {
  const used = DOCUMENTS.flatMap(codeOf).flatMap((code) => [
    ...code.matchAll(/\bpaxx-obs (init|run|settings|doctor)\b([^\n`|]*)/g),
  ])
  assert.ok(used.length > 5)
  const help = new Map<string, string>()
  for (const [, command = ''] of used) {
    if (!help.has(command)) help.set(command, (await startCli(t, [command, '--help'], {}).exited).stdout)
  }
  for (const [, command = '', rest = ''] of used) {
    // What follows `--` or a script is the app's.
    const flags = rest.split(/ -- | \w+\.js/)[0]?.match(/--[\w-]+/g) ?? []
    for (const flag of flags)
      assert.match(help.get(command) ?? '', new RegExp(`${flag}\\b`), `paxx-obs ${command} ${flag}`)
  }
})
