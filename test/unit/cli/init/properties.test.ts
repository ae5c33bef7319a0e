import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { editDockerfile } from '../../../../src/cli/init/dockerfile.ts'
import type { Edit } from '../../../../src/cli/init/edit.ts'
import { editManifest } from '../../../../src/cli/init/manifest.ts'

/** Any text of a file is edited or refused; what was edited keeps what it had, and a second run changes nothing. */

function holds(edit: (text: string) => Edit, before: string, keeps: (before: string, after: string) => boolean): void {
  const first = edit(before)
  if (!('text' in first)) return
  assert.ok(keeps(before, first.text), JSON.stringify([before, first.text]))
  const second = edit(first.text)
  assert.ok('unchanged' in second, JSON.stringify([first.text, second]))
}

/** All lines of the first are in the second, in their order; its last one may have got an end. */
function hasLinesOf(before: string, after: string): boolean {
  const lines = after.split('\n')
  let at = 0
  return before.split('\n').every((line, index, all) => {
    const isLast = index === all.length - 1
    const found = lines.findIndex(
      (other, place) => place >= at && (other === line || (isLast && other === `${line}\r`)),
    )
    at = found + 1
    return found >= 0
  })
}

const script = fc
  .array(
    fc.constantFrom(
      'node',
      'tsx',
      'nodemon',
      'npm run build',
      '&&',
      ';',
      '|',
      '-r dotenv/config',
      '"',
      "'",
      'app.js',
      'A=1',
      '--test',
      '$(',
      ')',
      '\\',
    ),
    { maxLength: 6 },
  )
  .map((words) => words.join(' '))
const member = fc.oneof(script, fc.constantFrom(1, null, [], {}), fc.string())
const manifest = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom('name', 'main', 'scripts', 'dependencies', 'devDependencies', 'workspaces', '__proto__'),
      fc.oneof(member, fc.dictionary(fc.constantFrom('start', 'dev', 'express', '@paxx/obs', 'toString'), member)),
      { maxKeys: 5 },
    ),
    fc.constantFrom(undefined, 1, 2, '\t'),
    fc.constantFrom('', '\uFEFF'),
    fc.constantFrom('', '\n', '\r\n', ' // x', ','),
  )
  .map(([value, indent, mark, end]) => `${mark}${JSON.stringify(value, undefined, indent)}${end}`)

function parse(json: string): Record<string, unknown> {
  return JSON.parse(json.replace(/^\uFEFF/, ''))
}

test('package.json', () => {
  fc.assert(
    fc.property(fc.oneof(manifest, fc.string()), fc.boolean(), (text, exists) => {
      holds(
        (given) => editManifest(given, () => exists),
        text,
        (before, after) => {
          const [was, is] = [parse(before), parse(after)]
          return Object.keys(was).every(
            (key) => ['scripts', 'dependencies'].includes(key) || JSON.stringify(was[key]) === JSON.stringify(is[key]),
          )
        },
      )
    }),
    { numRuns: 500 },
  )
})

const dockerfile = fc
  .array(
    fc.constantFrom(
      'FROM node:24',
      'from node AS build',
      'RUN npm ci \\',
      '  # comment',
      'CMD ["node", "app.js"]',
      'ENTRYPOINT x',
      'ENV A=b \\',
      'ENV NODE_OPTIONS=--x',
      '',
      'RUN <<EOF',
      'EOF',
      '# escape=`',
      '\r',
      'EXPOSE 1',
    ),
    { maxLength: 9 },
  )
  .map((lines) => lines.join('\n'))

test('Dockerfile', () => {
  fc.assert(
    fc.property(fc.oneof(dockerfile, fc.string()), (text) => holds(editDockerfile, text, hasLinesOf)),
    { numRuns: 500 },
  )
})
