import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editDockerfile } from '../../../../src/cli/init/dockerfile.ts'

const LINES =
  'ENV NODE_OPTIONS="--import @paxx/obs/register" \\\n    OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0\nEXPOSE 9464\n'

for (const [what, before, after] of [
  [
    'before CMD',
    'FROM node:24\nRUN npm ci\nCMD ["node", "."]\n',
    `FROM node:24\nRUN npm ci\n${LINES}CMD ["node", "."]\n`,
  ],
  [
    'in the last stage alone',
    'FROM node AS build\nCMD x\nFROM node:24-slim\nENV A=1 \\\n  # CMD in a comment\n  B=2\nENTRYPOINT ["node"]\nCMD ["."]\n',
    `FROM node AS build\nCMD x\nFROM node:24-slim\nENV A=1 \\\n  # CMD in a comment\n  B=2\n${LINES}ENTRYPOINT ["node"]\nCMD ["."]\n`,
  ],
  ['at the end', 'from node:24\nCOPY . .\n\n', `from node:24\nCOPY . .\n${LINES}\n`],
  ['CRLF', 'FROM node\r\nCMD x\r\n', `FROM node\r\n${LINES.replaceAll('\n', '\r\n')}CMD x\r\n`],
] as const) {
  test(what, () => {
    const edit = editDockerfile(before)
    assert.ok('text' in edit, JSON.stringify(edit))
    assert.equal(edit.text, after)
    assert.ok('unchanged' in editDockerfile(after))
  })
}

for (const [text, reason] of [
  ['FROM node\nENV NODE_OPTIONS=--max-old-space-size=9\nCMD x\n', /NODE_OPTIONS/],
  ['FROM node\nRUN <<EOF\nCMD x\nEOF\n', /here-document/],
  ['# nothing\n', /no FROM/],
  ['# escape=`\nFROM node\n', /escape/],
] as const) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    const edit = editDockerfile(text)
    assert.ok('refused' in edit)
    assert.match(edit.refused, reason)
  })
}
