import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mainOf, scriptName } from '../../../../src/cli/doctor/app.ts'

for (const [command, expected] of [
  ['node dist/main.js', 'dist/main.js'],
  ['NODE_ENV=production node --import @paxx/obs/register ./server.mjs --port 1', './server.mjs'],
  ['tsc && node build/x.cjs', 'build/x.cjs'],
  ['tsx src/main.ts', 'src/main.ts'],
  ['/usr/bin/node --require ./a.js', './a.js'],
  ['nest start', undefined],
] as const) {
  test(`the main file of "${command}"`, () => {
    assert.equal(mainOf(command.split(' ')), expected)
  })
}

for (const [command, expected] of [
  ['npm start', 'start'],
  ['npm run -s dev', 'dev'],
  ['/usr/bin/pnpm run-script dev', 'dev'],
  ['node start', undefined],
] as const) {
  test(`the script of "${command}"`, () => {
    assert.equal(scriptName(command.split(' ')), expected)
  })
}
