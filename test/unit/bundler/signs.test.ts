import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packagesInside } from '../../../src/bundler/signs.ts'

const KNOWN = new Set(['express', 'pg', '@redis/client'])

for (const [text, expected] of [
  ['var __commonJS = (cb) => 1\n// node_modules/express/index.js\n', ['esbuild', 'express']],
  ['var __commonJS = 1\n// node_modules/.pnpm/pg@8.0.0/node_modules/pg/lib/index.js\n', ['esbuild', 'pg']],
  [
    '// \0rolldown/runtime.js\nvar __commonJSMin = 1\n//#region node_modules/@redis/client/dist/index.js\n',
    ['Rolldown', '@redis/client'],
  ],
  ['var __toESM = (mod) => 1\n// src/a.ts\n', undefined],
  ['var __commonJS = (cb) => 1\n// node_modules/left-pad/index.js\n', undefined],
  ['var __webpack_modules__ = {}', undefined],
  ['module.exports = __nccwpck_require__(1)\n// node_modules/pg/lib/index.js', ['ncc', 'pg']],
  ['var a=1;throw new TypeError("Router.use() requires a middleware function")', [undefined, 'express']],
  ['function getDefaultExportFromCjs (x) {}\nthrow Error("SASL: SCRAM-SERVER-FINAL-MESSAGE: x")', ['Rollup', 'pg']],
  ['import express from "express"\nimport "./node_modules/pg/lib/index.js"\n', undefined],
] as const) {
  test(`inside of ${JSON.stringify(text)}`, () => {
    const found = packagesInside(text, KNOWN)
    assert.deepEqual(found === undefined ? undefined : [found.bundler, ...found.packages], expected)
  })
}
