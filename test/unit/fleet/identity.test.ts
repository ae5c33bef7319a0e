import assert from 'node:assert/strict'
import { chmodSync, lstatSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { FOLDER_NAME_CHARS } from '../../../src/fleet/folder.ts'
import { fleetIdentity } from '../../../src/fleet/identity.ts'
import { keyedTag, userKey } from '../../../src/fleet/user-key.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const OPEN = { tls: undefined, basicAuth: undefined, bearerToken: undefined, blockedBy: undefined }
const SERVICE = { service: 'shop', host: 'localhost', port: 9464 }

function named(bearerToken: string, folder: string): string {
  const input = { ...SERVICE, protection: { ...OPEN, bearerToken } }
  return fleetIdentity(input, (text) => keyedTag(folder, text)).folderName
}

test('without the key of the user, guesses of a token cannot be tested against the name of the folder', (t) => {
  const mine = temporaryFolder(t, 'key')
  const others = temporaryFolder(t, 'key')
  assert.equal(named('hunter2', mine), named('hunter2', mine), 'processes of one user meet')
  assert.notEqual(named('hunter2', mine), named('hunter2', others), 'the guess that is right gives another name')
  assert.notEqual(named('hunter2', mine), named('hunter3', mine), 'who protects it otherwise has another folder')
  assert.equal(named('hunter2', mine).length, FOLDER_NAME_CHARS)
})

test('without a secret no key is made', () => {
  const { folderName } = fleetIdentity({ ...SERVICE, protection: OPEN }, () => assert.fail('asked for'))
  assert.equal(folderName.length, FOLDER_NAME_CHARS)
})

test('a key is created once, private to this user', (t) => {
  const folder = temporaryFolder(t, 'key')
  const key = userKey(folder)
  assert.match(key, /^[0-9a-f]{64}$/)
  assert.equal(userKey(folder), key)
  assert.equal(lstatSync(join(folder, 'key')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['key'])
})

const LAID: Readonly<Record<string, (path: string) => void>> = {
  empty: (path) => writeFileSync(path, '', { mode: 0o600 }),
  'open to others': (path) => {
    writeFileSync(path, 'a'.repeat(64))
    chmodSync(path, 0o644)
  },
  'a link': (path) => {
    writeFileSync(`${path}-target`, 'a'.repeat(64), { mode: 0o600 })
    symlinkSync(`${path}-target`, path)
  },
}

for (const [label, lay] of Object.entries(LAID)) {
  test(`a key that is ${label} is replaced`, (t) => {
    const folder = temporaryFolder(t, 'key')
    lay(join(folder, 'key'))
    const key = userKey(folder)
    assert.notEqual(key, 'a'.repeat(64))
    assert.equal(readFileSync(join(folder, 'key'), 'latin1'), key)
    assert.ok(lstatSync(join(folder, 'key')).isFile())
  })
}

test('processes that create the key concurrently get the same one', async (t) => {
  const folder = temporaryFolder(t, 'key')
  // Each with a number of its own in the name of what it makes, as processes have.
  const code = `Object.defineProperty(process, 'pid', { value: require('worker_threads').threadId })
    import(${JSON.stringify(new URL('../../../src/fleet/user-key.ts', import.meta.url).href)})
      .then(({ userKey }) => require('worker_threads').parentPort.postMessage(userKey(${JSON.stringify(folder)})))`
  const keys = await Promise.all(
    Array.from({ length: 8 }, () => {
      const worker = new Worker(code, { eval: true })
      return new Promise<string>((resolve, reject) => worker.once('message', resolve).once('error', reject))
    }),
  )
  assert.equal(new Set(keys).size, 1)
  assert.deepEqual(readdirSync(folder), ['key'])
})
