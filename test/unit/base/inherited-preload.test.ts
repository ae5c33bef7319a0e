import assert from 'node:assert/strict'
import { test } from 'node:test'
import { argumentsByPath, nodeOptionsByPath } from '../../../src/base/inherited-preload.ts'

const REGISTER = '/srv/shop/node_modules/@paxx/obs/register/index.cjs'
const URL = `file://${REGISTER}`
const place = (register: string = REGISTER): Parameters<typeof argumentsByPath>[1] => ({
  register,
  cwd: '/srv/shop',
  realPath: (path) => {
    if (path === '/srv/shop/obs.mjs') return path
    if (path.startsWith('/srv/shop/node_modules/@paxx/obs/')) return register
    throw new Error(`no ${path}`)
  },
})

const ARGUMENTS: readonly (readonly [given: string[], inherited: string[]])[] = [
  [
    ['--import', '@paxx/obs/register'],
    ['--import', URL],
  ],
  [
    ['--import=@paxx/obs/register', '--inspect'],
    [`--import=${URL}`, '--inspect'],
  ],
  [
    ['--inspect', '-r', '@paxx/obs/register'],
    ['--inspect', '-r', REGISTER],
  ],
  [['--require=@paxx/obs/register'], [`--require=${REGISTER}`]],
  [
    ['-r', './node_modules/@paxx/obs/register/index.cjs'],
    ['-r', REGISTER],
  ],
  [
    ['--import', './obs.mjs'],
    ['--import', './obs.mjs'],
  ],
  [
    ['--import', './gone.mjs'],
    ['--import', './gone.mjs'],
  ],
  [
    ['--import', URL],
    ['--import', URL],
  ],
  [
    ['--conditions', '@paxx/obs/register'],
    ['--conditions', '@paxx/obs/register'],
  ],
  [
    ['-r', 'dotenv/config', '--import', 'tsx', '--import', '@paxx/obs/register'],
    ['-r', 'dotenv/config', '--import', 'tsx', '--import', URL],
  ],
  [[], []],
]

test("arguments that children inherit contain the preload's path, and are otherwise unchanged", () => {
  for (const [given, inherited] of ARGUMENTS) {
    assert.deepEqual(argumentsByPath(given, place()), inherited)
    if (given.join() === inherited.join()) assert.equal(argumentsByPath(given, place()), given)
  }
})

const OPTIONS: readonly (readonly [given: string, inherited: string])[] = [
  ['--import @paxx/obs/register', `--import ${URL}`],
  ['--import=@paxx/obs/register --max-old-space-size=200', `--import=${URL} --max-old-space-size=200`],
  ['--enable-source-maps  -r "@paxx/obs/register"', `--enable-source-maps  -r ${REGISTER}`],
  ['--require ./node_modules/@paxx/obs/register', `--require ${REGISTER}`],
  ['--title "--import @paxx/obs/register"', '--title "--import @paxx/obs/register"'],
  ['"--import=@paxx/obs/register" --no-warnings', `--import=${URL} --no-warnings`],
  ['"--import" "@paxx/obs/register"', `"--import" ${URL}`],
  ['"--require" "@paxx/obs/register"', `"--require" ${REGISTER}`],
  ['--require="@paxx/obs/register"', `--require=${REGISTER}`],
  ['--"import"=@paxx/obs/"register"', `--import=${URL}`],
  [String.raw`"--title=\"a\\ b" "-r" @paxx/obs/register`, String.raw`"--title=\"a\\ b" "-r" ${REGISTER}`],
  ['--import @paxx/obs/registered', '--import @paxx/obs/registered'],
  ['', ''],
]

test("NODE_OPTIONS that children inherit contain the preload's path, and are otherwise unchanged", () => {
  for (const [given, inherited] of OPTIONS) assert.equal(nodeOptionsByPath(given, place()), inherited)
})

test('a path with spaces, quotes and backslashes is written as Node reads it', () => {
  const odd = String.raw`/srv/a "b" \c/register/index.cjs`
  assert.equal(
    nodeOptionsByPath('-r @paxx/obs/register', place(odd)),
    String.raw`-r "/srv/a \"b\" \\c/register/index.cjs"`,
  )
  assert.equal(
    nodeOptionsByPath('--import @paxx/obs/register', place(odd)),
    '--import file:///srv/a%20%22b%22%20%5Cc/register/index.cjs',
  )
})
