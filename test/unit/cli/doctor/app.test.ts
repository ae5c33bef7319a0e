import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mainOf, scriptName } from '../../../../src/cli/doctor/app.ts'
import { bundlerOf } from '../../../../src/cli/doctor/bundle.ts'

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

for (const [text, expected] of [
  ['var __commonJS = (cb) => 1\n// node_modules/express/index.js\n', 'esbuild'],
  ['var __toESM = (mod) => 1\n// src/a.ts\n', undefined],
  ['var __webpack_modules__ = {}', 'webpack'],
  ['module.exports = __nccwpck_require__(1)', 'ncc'],
  ['import express from "express"\n', undefined],
] as const) {
  test(`the bundler of ${JSON.stringify(text)}`, () => {
    assert.equal(bundlerOf(text), expected)
  })
}
