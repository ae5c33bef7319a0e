import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAlive, ownProcessId } from '../../../src/fleet/process-id.ts'
import { Records } from '../../../src/fleet/records.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('a process is distinguished from an earlier one with the same pid', () => {
  const own = ownProcessId()
  assert.equal(isAlive(own), true)
  const [pid] = own.split('-')
  if (process.platform === 'linux') assert.equal(isAlive(`${pid}-1`), false)
  const { pid: ended } = spawnSync(process.execPath, ['--version'])
  assert.equal(isAlive(`${ended}-0`), false)
})

test('files are replaced, the latest is kept, and they are private to this user', async (t) => {
  const folder = temporaryFolder(t, 'records')
  const records = new Records(folder)
  const other = join(folder, `member-${process.ppid}-0`)
  writeFileSync(other, 'theirs')
  const writing = ['a', 'b', 'c'].map((text) => records.writeOwn(Buffer.from(text)))
  await Promise.all(writing)
  assert.equal((await records.read(records.ownId))?.toString(), 'c')
  records.writeOwnNow(Buffer.from('last'))
  await records.writeRetired(Buffer.from('retired'))
  assert.equal((await records.read(records.ownId))?.toString(), 'last')
  assert.equal((await records.readRetired())?.toString(), 'retired')
  assert.equal(statSync(join(folder, `member-${records.ownId}`)).mode & 0o077, 0)
  assert.deepEqual(records.others(), [{ id: `${process.ppid}-0`, alive: true }])
  assert.equal(readdirSync(folder).length, 3)
  records.removeFolder()
  assert.throws(() => readdirSync(folder))
})

test('a deleted folder causes no failure', async (t) => {
  const records = new Records(join(temporaryFolder(t, 'records'), 'gone'))
  assert.equal(await records.read('1-1'), undefined)
  assert.equal(await records.readRetired(), undefined)
  records.remove('1-1')
  await assert.rejects(records.writeOwn(Buffer.from('x')))
})
