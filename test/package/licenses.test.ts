import assert from 'node:assert/strict'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { licenses } from '../../scripts/licenses.ts'
import { ROOT } from '../support/paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SEPARATOR = `\n\n${'-'.repeat(100)}\n\n`
/** The packages that have one text: a line each, and then the text. */
const sections = readFileSync(join(ROOT, 'dist/THIRD_PARTY_LICENSES'), 'utf8')
  .split(SEPARATOR)
  .map((section) => {
    const end = section.indexOf('\n\n')
    return { packages: section.slice(0, end).split('\n'), text: section.slice(end) }
  })
const GRANTS = /permission|permitted|license/i

test('every package in the bundle has the text of its licence', () => {
  const packages = sections.flatMap((section) => section.packages)
  assert.ok(packages.length >= 70, `${packages.length} packages`)
  assert.deepEqual(
    packages.filter((line) => !/^(?:@[\w.-]+\/)?[\w.-]+@\d[\w.-]* \(.+\)$/.test(line)),
    [],
  )
  const without = sections.filter(({ text }) => text.length < 400 || !GRANTS.test(text))
  assert.deepEqual(without, [])
  const ofOne = sections.find((section) => section.packages.some((line) => line.startsWith('preact@')))
  assert.match(ofOne?.text ?? '', /Jason Miller/)
})

test('a text that several packages have is there once', () => {
  const texts = sections.map(({ text }) => text.replaceAll(/\s+/g, ' '))
  assert.equal(new Set(texts).size, texts.length)
  assert.ok(sections.some(({ packages }) => packages.length > 20))
})

test('every package that src/ imports at run time is among them, and so is the bundler', () => {
  const listed = new Set(sections.flatMap(({ packages }) => packages.map((line) => /^(@?[^@]+)@/.exec(line)?.[1])))
  const imported = globSync('src/**/*.{ts,tsx}', { cwd: ROOT })
    .filter((file) => !file.endsWith('.d.ts'))
    .flatMap((file) => [
      ...readFileSync(join(ROOT, file), 'utf8').matchAll(/^import (?!type )[^;]*? from '((?:@[\w-]+\/)?\w[\w.-]*)/gm),
    ])
    .map(([statement, name = '']) => ({ name, isType: /^import \{(?:\s*type [\w ]+,?)+\s*\}/.test(statement) }))
    .filter(({ name, isType }) => !isType && name !== 'node' && name !== '@paxx/obs')
    .map(({ name }) => name)
  assert.ok(imported.length > 50)
  assert.deepEqual(
    [...new Set([...imported, 'rolldown'])].filter((name) => !listed.has(name)),
    [],
  )
})

test('a package without such a text stops the build; one that has it in its README does not', (t) => {
  const folder = join(temporaryFolder(t, 'licences'), 'node_modules')
  const make = (name: string, files: Readonly<Record<string, string>>): string => {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version: '1.0.0', license: 'MIT' }))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
    return join(folder, name, 'index.js')
  }
  const text = 'Permission is hereby granted '.repeat(20)
  assert.throws(() => licenses(new Set([make('bare', {})])), /bare@1\.0\.0 in .* has no text/)
  assert.throws(() => licenses(new Set([make('says', { LICENSE: 'MIT', 'README.md': '# says\nlicense: MIT' })])))
  const written = licenses(
    new Set([make('readme', { 'README.md': `# readme\n\n## License\n\n${text}\n\n## More\n\nnot this` })]),
  )
  assert.match(written, /^readme@1\.0\.0 \(MIT\)\n\nPermission/)
  assert.doesNotMatch(written, /not this/)
})
