import assert from 'node:assert/strict'
import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { TestFleet } from '../support/fleet.ts'
import { runNode } from '../support/run-node.ts'
import type { RunResult } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Two users on one machine, in one folder for temporary files. */

const NOBODY = 65_534
const skip = process.getuid?.() === 0 ? false : 'needs to be root, to be another user'

interface Shared {
  readonly folder: string
  /** To be preloaded first: from there on the process is another user's. */
  readonly asNobody: readonly string[]
  readonly fleet: TestFleet
}

async function sharedFolder(t: TestContext): Promise<Shared> {
  const folder = temporaryFolder(t, 'users')
  chmodSync(folder, 0o1777)
  const drop = join(folder, 'drop.cjs')
  writeFileSync(drop, `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY})`)
  chmodSync(drop, 0o644)
  const fleet = await TestFleet.create(t, { TMPDIR: folder, XDG_RUNTIME_DIR: '', OBS_FALLBACK_PORTS: '3' })
  return { folder, asNobody: ['--require', drop], fleet }
}

function runAsNobody(t: TestContext, { asNobody }: Shared, code: string): Promise<RunResult> {
  return runNode(t, { nodeArgs: [...asNobody, '-e', code], preload: 'none' })
}

test('another user can neither join, nor read, nor impersonate the leader', { skip }, async (t) => {
  const shared = await sharedFolder(t)
  const { fleet, folder, asNobody } = shared
  await fleet.start()
  await fleet.start()
  await fleet.untilMembers(2)
  await fleet.load(4)
  await fleet.untilAllCounted()
  const own = join(folder, 'paxx-obs-0')
  const inside = join(own, readdirSync(own)[0] ?? '')
  const attempts = await runAsNobody(
    t,
    shared,
    `const fs = require('fs'), path = ${JSON.stringify(inside)}
     for (const attempt of [() => fs.readdirSync(path), () => fs.readFileSync(path + '/retired'), () => fs.unlinkSync(path + '/socket'),
       () => fs.writeFileSync(path + '/member-1-1', ''), () => fs.renameSync(path, path + 'x'), () => fs.rmSync(${JSON.stringify(own)}, { recursive: true })]) {
       try { attempt(); console.log('done') } catch (thrown) { console.log(thrown.code) }
     }
     require('net').connect(path + '/socket').on('error', (thrown) => console.log(thrown.code)).on('connect', () => console.log('connected'))`,
  )
  assert.match(attempts.stdout, /^(?:(?:EACCES|EPERM)\n){7}$/)

  // The same app, told the same: a fleet of its own, on another port.
  const other = await fleet.start(['server'], { nodeArgs: asNobody, preload: 'require' })
  assert.match(other.stderr, /metrics on http:\/\/localhost:\d+\/metrics \(localhost:\d+ is in use by another/)
  await fleet.untilMembers(2)
})

const LAID: readonly { label: string; code: (own: string) => string; line: RegExp }[] = [
  { label: 'a folder', code: (own) => `fs.mkdirSync(${own})`, line: /paxx-obs-0 belongs to another user/ },
  { label: 'a link', code: (own) => `fs.symlinkSync('/tmp', ${own})`, line: /paxx-obs-0 is not a folder/ },
  {
    label: 'a socket',
    code: (own) => `require('net').createServer().listen(${own}, () => process.kill(process.pid, 'SIGKILL'))`,
    line: /paxx-obs-0 is not a folder/,
  },
]

for (const { label, code, line } of LAID) {
  test(
    `${label} that another user laid in the way is refused with a line, and the app serves its own`,
    { skip },
    async (t) => {
      const shared = await sharedFolder(t)
      const { fleet, folder } = shared
      const own = JSON.stringify(join(folder, 'paxx-obs-0'))
      await runAsNobody(t, shared, `const fs = require('fs'); ${code(own)}`)
      assert.ok(readdirSync(folder).includes('paxx-obs-0'))
      const running = await fleet.start()
      assert.match(running.stderr, line)
      assert.match(running.stderr, new RegExp(`metrics on http://localhost:${fleet.sidePort}/metrics`))
      await fleet.load(2)
      await fleet.untilAllCounted()
    },
  )
}
