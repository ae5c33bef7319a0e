import assert from 'node:assert/strict'
import { test } from 'node:test'
import { needsRequireFlag, startOf, withPreload } from '../../../../src/cli/init/start-script.ts'

const FLAG = '--import @paxx/obs/register'

const CHANGED: readonly (readonly [before: string, after: string])[] = [
  ['node app.js', `node ${FLAG} app.js`],
  ['node  --max-old-space-size=512 app.js', `node ${FLAG}  --max-old-space-size=512 app.js`],
  ['NODE_ENV=production PORT="80 80" node dist/main.js', `NODE_ENV=production PORT="80 80" node ${FLAG} dist/main.js`],
  ['cross-env NODE_ENV=production node .', `cross-env NODE_ENV=production node ${FLAG} .`],
  ['tsc && node dist/main.js', `tsc && node ${FLAG} dist/main.js`],
  ['node build.js && exec node server.js', `node build.js && exec node ${FLAG} server.js`],
  ['node migrate.js; node server.js | pino-pretty', `node migrate.js; node ${FLAG} server.js | pino-pretty`],
  [
    'dotenv -e .env.local -- dotenvx run -- node server.js',
    `dotenv -e .env.local -- dotenvx run -- node ${FLAG} server.js`,
  ],
  ['dotenv -e .env.local -- node server.js', `dotenv -e .env.local -- node ${FLAG} server.js`],
  ['tsx src/main.ts', `tsx ${FLAG} src/main.ts`],
  ['node -r dotenv/config app.js', `node ${FLAG} -r dotenv/config app.js`],
  ['node -r ts-node/register app.ts', 'node --require @paxx/obs/register -r ts-node/register app.ts'],
  ['node --require=@swc-node/register app.ts', 'node --require @paxx/obs/register --require=@swc-node/register app.ts'],
  ['node -r esbuild-register app.ts', 'node --require @paxx/obs/register -r esbuild-register app.ts'],
  ['node -r tsx/cjs app.ts', 'node --require @paxx/obs/register -r tsx/cjs app.ts'],
  [
    "NODE_OPTIONS='-r esbuild-register' node app.ts",
    "NODE_OPTIONS='-r esbuild-register' node --require @paxx/obs/register app.ts",
  ],
  ['ts-node build.ts && node dist/app.js', `ts-node build.ts && node ${FLAG} dist/app.js`],
  ['node --run build && node dist/app.js', `node --run build && node ${FLAG} dist/app.js`],
  ['node app.js --run fast', `node ${FLAG} app.js --run fast`],
  ['ts-node app.ts', 'ts-node --require @paxx/obs/register app.ts'],
]

for (const [before, after] of CHANGED) {
  test(before, () => {
    assert.deepEqual(withPreload(before, {}), { script: after })
    assert.deepEqual(withPreload(after, {}), { already: true })
  })
}

const UNKNOWN: readonly string[] = [
  'nest start',
  'next start',
  'echo node app.js',
  './node_modules/.bin/node-thing x',
  'tsx watch src/main.ts',
  'node --test',
  'node -e "1"',
  'npm run node --silent',
]

for (const script of UNKNOWN) {
  test(`no command that accepts the flag: ${script}`, () => {
    assert.deepEqual(withPreload(script, {}), { unknown: true })
  })
}

for (const [script, runs] of [
  ['node --run serve', 'serve'],
  ['node --env-file .env --no-warnings --run=serve:all -- --port 1', 'serve:all'],
  ['node migrate.js && A=1 node --run "serve"', 'serve'],
  [`node ${FLAG} --run serve`, 'serve'],
] as const) {
  test(`another script: ${script}`, () => {
    assert.deepEqual(withPreload(script), { runs })
  })
}

test('a script that node --run runs inherits NODE_OPTIONS', () => {
  assert.deepEqual(withPreload(`NODE_OPTIONS="${FLAG}" node --run serve`), { already: true })
})

const COMPILED_BY_REQUIRE: readonly (readonly [script: string, needed: boolean])[] = [
  ['nodemon --exec "node -r esbuild-register app.ts"', true],
  ["nodemon -x 'ts-node' app.ts", true],
  ['nodemon --exec "ts-node app.ts"', true],
  ['nodemon src/app.ts', true],
  ['ts-node-dev --respawn app.ts', true],
  ['npx tsnd app.ts', true],
  ['babel-node app.js', true],
  ['NODE_OPTIONS=--require=ts-node/register nodemon app.js', true],
  ['nodemon --exec "tsx app.ts"', false],
  ['nodemon app.js', false],
  ['nest start', false],
]

test('with a compiler that hooks require, NODE_OPTIONS needs --require', () => {
  for (const [script, needed] of COMPILED_BY_REQUIRE) {
    assert.equal(needsRequireFlag(script), needed, script)
    if (script.includes('NODE_OPTIONS')) continue
    assert.deepEqual(withPreload(script, { hasCrossEnv: true }), {
      script: `cross-env NODE_OPTIONS="${needed ? '--require @paxx/obs/register' : FLAG}" ${script}`,
    })
  }
})

test('with cross-env a command without flags gets NODE_OPTIONS', () => {
  assert.deepEqual(withPreload('next start', { hasCrossEnv: true }), {
    script: `cross-env NODE_OPTIONS="${FLAG}" next start`,
  })
  assert.deepEqual(withPreload('cross-env A=1 next start', { hasCrossEnv: true }), {
    script: `cross-env NODE_OPTIONS="${FLAG}" A=1 next start`,
  })
  assert.deepEqual(withPreload('cross-env NODE_OPTIONS=--x next start', { hasCrossEnv: true }), { unknown: true })
  assert.deepEqual(withPreload('migrate && next start', { hasCrossEnv: true }), { unknown: true })
})

test("under Yarn's Plug'n'Play the flag is --require", () => {
  const script = 'node --require @paxx/obs/register app.js'
  assert.deepEqual(withPreload('node app.js', { plugnplay: true }), { script })
  assert.deepEqual(withPreload('next start', { plugnplay: true, hasCrossEnv: true }), { unknown: true })
  assert.equal(startOf('app.js', true), script)
})

test('a script for a main file', () => {
  assert.equal(startOf('dist/main.js'), `node ${FLAG} dist/main.js`)
  assert.equal(startOf('my app.js'), `node ${FLAG} "my app.js"`)
})

test('a script of any words is read in bounded time', { timeout: 20_000 }, () => {
  for (const script of [
    'dotenv -- '.repeat(200),
    'node '.repeat(1600),
    `A=${'x'.repeat(8000)} `,
    'node '.repeat(500_000),
    `node ${'-r '.repeat(2000)}`,
    'nodemon '.repeat(1000),
  ])
    withPreload(`${script}! node`, {})
})
