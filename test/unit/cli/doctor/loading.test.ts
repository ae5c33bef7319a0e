import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadingChecks } from '../../../../src/cli/doctor/loading.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const ROWS: readonly (readonly [script: string, status: string])[] = [
  ['node --import @paxx/obs/register app.js', 'ok'],
  ['node --import @paxx/obs/register -r dotenv/config app.js', 'ok'],
  ['node --require @paxx/obs/register -r ts-node/register app.ts', 'ok'],
  ['node --import @paxx/obs/register -r ts-node/register app.ts', 'problem'],
  ['node --import=@paxx/obs/register --require=@swc-node/register app.ts', 'problem'],
  ['node -r tsx/cjs --import "@paxx/obs/register" app.ts', 'problem'],
  ['ts-node --import @paxx/obs/register app.ts', 'problem'],
  ['NODE_OPTIONS="--import @paxx/obs/register" ts-node app.ts', 'problem'],
  ['ts-node --require @paxx/obs/register app.ts', 'ok'],
  ['node app.js', 'warning'],
]

for (const [start, status] of ROWS) {
  test(`the flag of \`${start}\` is ${status}`, (t) => {
    const folder = temporaryFolder(t, 'doctor')
    const manifest = { scripts: { start }, dependencies: {}, devDependencies: {} }
    const checks = loadingChecks({ folder, manifest, manifestFault: undefined, mainFile: undefined }, undefined)
    const flags = checks.filter(({ id }) => id === 'flag')
    assert.deepEqual(
      flags.map((check) => check.status),
      [status],
    )
    assert.equal(flags[0]?.advice?.startsWith('use --require') === true, status === 'problem')
  })
}
