import assert from 'node:assert/strict'
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { obstacleTo, writeWhole } from '../../../../src/cli/init/write.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('a file that another program changed meanwhile is not overwritten, and no temporary file remains', (t) => {
  const folder = temporaryFolder(t, 'write')
  const path = join(folder, 'a')
  writeFileSync(path, 'theirs')
  assert.throws(() => writeWhole({ path, before: 'as read', after: 'ours' }), /changed by another program meanwhile/)
  assert.deepEqual([readdirSync(folder), readFileSync(path, 'utf8')], [['a'], 'theirs'])
})

test('a file that another program created meanwhile is not overwritten', (t) => {
  const path = join(temporaryFolder(t, 'write'), 'a')
  writeFileSync(path, 'theirs')
  assert.throws(() => writeWhole({ path, before: undefined, after: 'ours' }), /meanwhile/)
  assert.equal(readFileSync(path, 'utf8'), 'theirs')
})

test('new files come with the folders they are in', (t) => {
  const path = join(temporaryFolder(t, 'write'), 'x', 'y', 'a')
  assert.equal(obstacleTo({ path }), undefined)
  writeWhole({ path, before: undefined, after: 'ü' })
  assert.equal(readFileSync(path, 'utf8'), 'ü')
})

test('files that cannot be replaced safely are reported', (t) => {
  const folder = temporaryFolder(t, 'write')
  const path = (name: string): string => join(folder, name)
  mkdirSync(path('folder'))
  writeFileSync(path('one'), '')
  linkSync(path('one'), path('two'))
  symlinkSync('gone', path('dangling'))
  symlinkSync('dangling', path('twice'))
  assert.match(obstacleTo({ path: path('folder') }) ?? '', /not a regular file/)
  assert.match(obstacleTo({ path: path('two') }) ?? '', /hard links/)
  assert.match(obstacleTo({ path: path('dangling') }) ?? '', /whose target does not exist/)
  assert.match(obstacleTo({ path: path('twice') }) ?? '', /whose target does not exist/)
})
