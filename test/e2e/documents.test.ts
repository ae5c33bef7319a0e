import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { rowOf } from '../../src/settings/table.ts'
import { startCli } from '../support/cli.ts'
import { codeOf, DOCUMENTS, externalLinks, textOf } from '../support/documents.ts'
import { ROOT } from '../support/paths.ts'

const manifest = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

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
        // docs/suites.md names tests of other packages.
        assert.ok(document === 'docs/suites.md' || existsSync(join(ROOT, file)), file)
      }
      for (const [variable = ''] of code.matchAll(/\b(?:OBS|OTEL)_[A-Z0-9_]*[A-Z0-9]\b(?![_<…*])/g)) {
        // Skips the variables of the tests themselves, and a prefix.
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

test('each decision has its context, figures, decision and what would change it, and is in the list', () => {
  const list = textOf('docs/decisions/README.md')
  const decisions = DOCUMENTS.filter((document) => /^docs\/decisions\/\d{3}-/.test(document))
  assert.ok(decisions.length > 20)
  for (const document of decisions) {
    const sections = textOf(document).split(/^## /m).slice(1)
    const titles = sections.map((section) => section.slice(0, section.indexOf('\n')))
    assert.deepEqual(titles, ['Context', 'Figures', 'Decision', 'What would change it'], document)
    for (const section of sections) assert.ok(section.split('\n\n').slice(1).join('').trim().length > 20, document)
    assert.ok(list.includes(`](${basename(document)})`), document)
  }
})

/** Hosts that stand for the reader's own. */
const OWN_HOST = /^(?:localhost|127\.0\.0\.1|host|collector|otel-collector|datadog-agent|tempo)$/

test('every external link is an https URL without credentials, and one to a repository names a commit', () => {
  const links = DOCUMENTS.flatMap(externalLinks).filter(({ hostname }) => !OWN_HOST.test(hostname))
  assert.ok(links.length > 10)
  for (const { href, protocol, username, hostname, pathname } of links) {
    assert.equal(protocol, 'https:', href)
    assert.equal(username, '', href)
    assert.match(hostname, /^[a-z\d-]+(?:\.[a-z\d-]+)+$/, href)
    if (hostname === 'github.com')
      assert.match(pathname, /^\/[\w.-]+\/[\w.-]+(?:\/tree\/[\da-f]{40}|\/issues\/\d+|\/pull\/\d+)$/, href)
  }
})

/** Returns the anchor that GitHub gives to a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

test('every command and flag of paxx-obs that the documents name is one', async (t) => {
  const used = DOCUMENTS.flatMap(codeOf).flatMap((code) => [
    ...code.matchAll(/\bpaxx-obs (init|run|settings|doctor|warm)\b([^\n`|]*)/g),
  ])
  assert.ok(used.length > 5)
  const help = new Map<string, string>()
  for (const [, command = ''] of used) {
    if (!help.has(command)) help.set(command, (await startCli(t, [command, '--help'], {}).exited).stdout)
  }
  for (const [, command = '', rest = ''] of used) {
    // Flags after `--` or after a script are the app's.
    const flags = rest.split(/ -- | \w+\.js/)[0]?.match(/--[\w-]+/g) ?? []
    for (const flag of flags)
      assert.match(help.get(command) ?? '', new RegExp(`${flag}\\b`), `paxx-obs ${command} ${flag}`)
  }
})

test('every import from this package in the documents names something that it exports', () => {
  const { exports } = JSON.parse(textOf('package.json')) as { exports: Record<string, { default: string } | string> }
  const imports = DOCUMENTS.flatMap(codeOf).flatMap((code) => [
    ...code.matchAll(/(?:import|export) \{ ([\w, ]+) \} from '@paxx\/obs(\/\w+)?'/g),
  ])
  assert.ok(imports.length > 4)
  for (const [, names = '', path = ''] of imports) {
    const entry = exports[`.${path}`]
    assert.ok(typeof entry === 'object', `@paxx/obs${path}`)
    const exported = createRequire(import.meta.url)(join(ROOT, entry.default)) as object
    for (const name of names.split(', ')) {
      // The default export of a CommonJS module is the module itself.
      assert.ok(name === 'default' || name in exported, `${name} of @paxx/obs${path}`)
    }
  }
})

test('every flag that the documents pass to a script of this repository is one that it reads', () => {
  const uses = DOCUMENTS.flatMap(codeOf).flatMap((code) => [...code.matchAll(/\bnpm run ([\w:-]+) -- (--[\w-]+)/g)])
  assert.ok(uses.length > 0)
  for (const [, name = '', flag = ''] of uses) {
    const script = /node (\S+\.ts)$/.exec(manifest.scripts[name] ?? '')?.[1] ?? ''
    assert.ok(textOf(script).includes(`'${flag}'`), `npm run ${name} -- ${flag}`)
  }
})
