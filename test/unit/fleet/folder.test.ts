import assert from 'node:assert/strict'
import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FolderError, privateFolder } from '../../../src/fleet/folder.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

interface Case {
  readonly label: string
  /** Makes what is there before; `own` is where our folder goes. */
  readonly prepare: (own: string) => void
  readonly reason: RegExp
  readonly skip?: boolean
}

const UNSAFE: readonly Case[] = [
  { label: 'a file', prepare: (own) => writeFileSync(own, ''), reason: /is not a folder/ },
  {
    label: 'a link to a folder',
    prepare: (own) => {
      mkdirSync(`${own}-target`, { mode: 0o700 })
      symlinkSync(`${own}-target`, own)
    },
    reason: /is not a folder/,
  },
  { label: 'a dangling link', prepare: (own) => symlinkSync('/nonexistent', own), reason: /is not a folder/ },
  {
    label: 'open to the group',
    prepare: (own) => {
      mkdirSync(own)
      chmodSync(own, 0o750)
    },
    reason: /is open to other users/,
  },
  {
    label: "another user's",
    prepare: (own) => {
      mkdirSync(own, { mode: 0o700 })
      chownSync(own, 65_534, 65_534)
    },
    reason: /belongs to another user/,
    skip: process.getuid?.() !== 0,
  },
]

for (const { label, prepare, reason, skip = false } of UNSAFE) {
  test(`a folder that is ${label} is refused, and no other is used instead`, { skip }, (t) => {
    const parent = temporaryFolder(t, 'folder')
    prepare(join(parent, 'paxx-obs'))
    assert.throws(
      () => privateFolder(parent, () => 'fleet'),
      (thrown) => thrown instanceof FolderError && thrown.isUnsafe && reason.test(thrown.message),
    )
  })

  test(`a fleet's own folder that is ${label} is refused`, { skip }, (t) => {
    const parent = temporaryFolder(t, 'folder')
    mkdirSync(join(parent, 'paxx-obs'), { mode: 0o700 })
    prepare(join(parent, 'paxx-obs', 'fleet'))
    assert.throws(() => privateFolder(parent, () => 'fleet'), reason)
  })
}

test('the folder is created for this user only, and found again', (t) => {
  const parent = temporaryFolder(t, 'folder')
  const folder = privateFolder(parent, () => 'fleet')
  assert.equal(folder, join(parent, 'paxx-obs', 'fleet'))
  for (const path of [folder, join(folder, '..')]) assert.equal(lstatSync(path).mode & 0o777, 0o700)
  assert.equal(
    privateFolder(parent, () => 'fleet'),
    folder,
  )
})

test('if no folder can be created there, or its path is too long for a socket, the temporary folder is used', (t) => {
  const parent = temporaryFolder(t, 'folder')
  writeFileSync(join(parent, 'file'), '')
  const long = join(parent, 'x'.repeat(80))
  mkdirSync(long)
  for (const runtimeFolder of [join(parent, 'missing'), join(parent, 'file'), long]) {
    assert.match(
      privateFolder(runtimeFolder, () => 'unit-test'),
      /paxx-obs-\w+\/unit-test$/,
    )
  }
})
