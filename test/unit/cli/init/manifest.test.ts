import { Problem } from '../../../../src/base/problem.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editManifest, readManifest } from '../../../../src/cli/init/manifest.ts'
import { VERSION } from '../../../../src/base/version.ts'

const DEPENDENCY = `"@paxx/obs": "^${VERSION}"`
const FLAG = '--import @paxx/obs/register'
const nothing = (): boolean => false

const CASES: readonly { readonly what: string; readonly before: string; readonly after: string }[] = [
  {
    what: 'four spaces, a one-line object and an array stay as they are',
    before:
      '{\n    "name": "a",\n    "scripts": { "start": "node a.js", "x": "y" },\n    "files": ["a", "b"],\n    "dependencies": {\n        "zod": "3"\n    }\n}\n',
    after: `{\n    "name": "a",\n    "scripts": { "start": "node ${FLAG} a.js", "x": "y" },\n    "files": ["a", "b"],\n    "dependencies": {\n        ${DEPENDENCY},\n        "zod": "3"\n    }\n}\n`,
  },
  {
    what: 'tabs and CRLF, in the order of names',
    before:
      '{\r\n\t"scripts": {\r\n\t\t"start": "node a.js"\r\n\t},\r\n\t"dependencies": {\r\n\t\t"@a/b": "1",\r\n\t\t"zod": "3"\r\n\t}\r\n}',
    after: `{\r\n\t"scripts": {\r\n\t\t"start": "node ${FLAG} a.js"\r\n\t},\r\n\t"dependencies": {\r\n\t\t"@a/b": "1",\r\n\t\t${DEPENDENCY},\r\n\t\t"zod": "3"\r\n\t}\r\n}`,
  },
  {
    what: 'names that are not in order: at the end',
    before:
      '{\n  "dependencies": {\n    "zod": "3",\n    "a": "1"\n  },\n  "scripts": {\n    "start": "node a.js"\n  }\n}\n',
    after: `{\n  "dependencies": {\n    "zod": "3",\n    "a": "1",\n    ${DEPENDENCY}\n  },\n  "scripts": {\n    "start": "node ${FLAG} a.js"\n  }\n}\n`,
  },
  {
    what: 'one line stays one line, after a byte order mark',
    before: '\uFEFF{"scripts":{"start":"node a.js"},"dependencies":{}}',
    after: `\uFEFF{"scripts":{"start":"node ${FLAG} a.js"},"dependencies":{${DEPENDENCY}}}`,
  },
  {
    what: 'no dependencies yet',
    before: '{\n  "scripts": {\n    "start": "node a.js"\n  }\n}\n',
    after: `{\n  "scripts": {\n    "start": "node ${FLAG} a.js"\n  },\n  "dependencies": {\n    ${DEPENDENCY}\n  }\n}\n`,
  },
]

for (const { what, before, after } of CASES) {
  test(what, () => {
    const edit = editManifest(before, nothing)
    assert.ok('text' in edit, JSON.stringify(edit))
    assert.equal(edit.text, after)
    assert.deepEqual(editManifest(after, nothing), { unchanged: 'is set up already', notes: [] })
  })
}

test('a start script for the main file, if there is none', () => {
  const edit = editManifest('{\n  "main": "lib/x.js"\n}\n', (file) => file === 'lib/x.js')
  assert.ok('text' in edit)
  assert.equal((JSON.parse(edit.text) as { scripts: { start: string } }).scripts.start, `node ${FLAG} lib/x.js`)
})

test('scripts that start the app in another way are named with the flag that they need, and left', () => {
  const scripts = {
    start: 'node app.js',
    dev: 'ts-node src/app.ts',
    'dev:docs': 'vitepress',
    test: 'node --test',
    serve: 'node app.js',
  }
  const edit = editManifest(JSON.stringify({ scripts }), nothing)
  assert.ok('text' in edit)
  assert.deepEqual((JSON.parse(edit.text) as { scripts: object }).scripts, {
    ...scripts,
    start: 'node --import @paxx/obs/register app.js',
  })
  assert.deepEqual(edit.notes, [
    'the script "dev" is left without the preload; with it: ts-node --require @paxx/obs/register src/app.ts',
    'the script "serve" is left without the preload; with it: node --import @paxx/obs/register app.js',
  ])
})

test('the script that the start script runs by node --run gets the preload', () => {
  const scripts = { start: 'node --run serve', serve: 'node --env-file=.env --run app', app: 'node app.js' }
  const edit = editManifest(JSON.stringify({ scripts, dependencies: { '@paxx/obs': '1' } }), nothing)
  assert.ok('text' in edit)
  assert.deepEqual((JSON.parse(edit.text) as { scripts: object }).scripts, { ...scripts, app: `node ${FLAG} app.js` })
  assert.equal(edit.summary, 'script "app", which the start script runs')
  assert.deepEqual(editManifest(edit.text, nothing), { unchanged: 'is set up already', notes: [] })
})

const NOTES: readonly (readonly [scripts: Record<string, string>, note: string])[] = [
  [{ start: 'nodemon --exec "node -r esbuild-register app.ts"' }, '--require'],
  [{ start: 'ts-node-dev --respawn app.ts' }, '--require'],
  [{ start: 'nodemon --exec "node app.js"' }, '--import'],
  [{ start: 'node --run serve', serve: 'ts-node-dev app.ts' }, '--require'],
  [{ start: 'node --run start' }, '--import'],
  [{ start: 'node --run toString' }, '--import'],
]

test('a start script that takes no flags is named with the NODE_OPTIONS that it needs', () => {
  for (const [scripts, flag] of NOTES) {
    const edit = editManifest(JSON.stringify({ scripts, dependencies: { '@paxx/obs': '1' } }), nothing)
    assert.ok('unchanged' in edit, JSON.stringify(edit))
    assert.equal(edit.notes?.length, 1)
    assert.match(edit.notes?.[0] ?? '', new RegExp(`NODE_OPTIONS="${flag} @paxx/obs/register"$`))
  }
})

test('tasks for the user are notes', () => {
  const text = '{"scripts":{"start":"nest start"},"devDependencies":{"@paxx/obs":"1"}}'
  const edit = editManifest(text, nothing)
  assert.ok('unchanged' in edit)
  assert.match(edit.notes?.[0] ?? '', /devDependencies/)
  assert.match(edit.notes?.[1] ?? '', /"nest start".*NODE_OPTIONS/)
})

for (const [text, reason] of [
  ['{"a":1,}', /not valid JSON/],
  ['{ // no\n}', /not valid JSON/],
  ['', /not valid JSON/],
  ['[]', /not a JSON object/],
  ['{"scripts":["a"]}', /"scripts"/],
  ['{"dependencies":{"a":1}}', /"dependencies"/],
] as const) {
  test(`refused: ${text}`, () => {
    const manifest = readManifest(text)
    assert.ok(manifest instanceof Problem)
    assert.match(manifest.reason, reason)
    assert.ok('refused' in editManifest(text, nothing))
  })
}

test('a duplicate member is refused, since a JSON editor and Node.js use different ones', () => {
  const text = '{"dependencies":{"a":"1"},"scripts":{"start":"node a.js"},"dependencies":{"b":"1"}}'
  assert.ok('refused' in editManifest(text, nothing))
})
