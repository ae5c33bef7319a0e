import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { TestFleet } from '../support/fleet.ts'
import { pause } from '../support/pause.ts'
import { freePort } from '../support/free-port.ts'
import { APPS, REGISTER } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { toolScript, withoutTools } from '../support/tools.ts'

/** A real PM2 in the foreground, which starts again what is killed. The ecosystem file alone says what is instrumented. */

interface Mode {
  readonly mode: 'cluster' | 'fork'
  /** Where the ecosystem file has the flag. */
  readonly app: (flag: string) => object
  readonly env: Readonly<Record<string, string>>
  /** Of the oldest processes; the first of them has the port. */
  readonly kills: number
  /** In fork mode PM2 ends all at once: then the service begins anew. */
  readonly reloads: boolean
}

const MODES: readonly Mode[] = [
  { mode: 'cluster', app: (flag) => ({ node_args: flag }), env: {}, kills: 2, reloads: true },
  { mode: 'fork', app: (flag) => ({ env: { NODE_OPTIONS: flag } }), env: {}, kills: 2, reloads: false },
  // For all that starts, PM2 itself among it.
  {
    mode: 'cluster',
    app: () => ({}),
    env: { NODE_OPTIONS: `--import ${JSON.stringify(REGISTER)}` },
    kills: 0,
    reloads: false,
  },
]

interface Started {
  readonly pm2: RunningProcess
  /** `pm2 reload`: one process after the other is replaced. */
  readonly reload: () => Promise<void>
}

async function startPm2(t: TestContext, fleet: TestFleet, { mode, app, env }: Mode): Promise<Started> {
  const folder = temporaryFolder(t, 'pm2')
  const settings = app(`--import ${REGISTER}`) as { readonly env?: object }
  const port = mode === 'cluster' ? await freePort() : 0
  const shop = {
    name: 'shop',
    script: join(APPS, 'use-fleet.cjs'),
    instances: 4,
    exec_mode: mode,
    ...settings,
    env: { ...fleet.env, PORT: String(port), ...settings.env },
  }
  writeFileSync(join(folder, 'ecosystem.config.json'), JSON.stringify({ apps: [shop] }))
  const args = [toolScript('pm2/bin/pm2-runtime'), 'start', 'ecosystem.config.json']
  const pm2Env = { ...env, PM2_HOME: join(folder, '.pm2'), PM2_DISABLE_VERSION_CHECK: 'true' }
  const pm2 = startProcess(t, process.execPath, args, { cwd: folder, env: pm2Env, timeoutMs: 90_000 })
  const reload = async (): Promise<void> => {
    const command = [toolScript('pm2/bin/pm2'), 'reload', 'shop']
    const { code, stderr } = await startProcess(t, process.execPath, command, { cwd: folder, env: pm2Env }).exited
    assert.equal(code, 0, stderr)
  }
  return { pm2, reload }
}

for (const mode of MODES) {
  const label = `PM2 in ${mode.mode} mode${mode.env['NODE_OPTIONS'] === undefined ? '' : ' under NODE_OPTIONS'}`
  test(`${label}: one scrape counts every request, whichever is killed`, { skip: withoutTools() }, async (t) => {
    const fleet = await TestFleet.create(t)
    const { pm2, reload } = await startPm2(t, fleet, mode)
    await fleet.add(pm2)
    await fleet.untilMembers(4)
    await fleet.load(24)
    await fleet.untilAllCounted()
    assert.equal(fleet.pids.size, 4)
    const oldest = [...fleet.pids].toSorted((a, b) => a - b).slice(0, mode.kills)
    for (const pid of oldest) {
      process.kill(pid, 'SIGKILL')
      await fleet.untilMembers(4)
      await fleet.load(4)
      await fleet.untilAllCounted()
    }
    if (mode.reloads) {
      const before = [...fleet.pids]
      const reloaded = new AbortController()
      const reloading = reload().finally(() => reloaded.abort())
      while (!reloaded.signal.aborted) {
        await fleet.load(1)
        await pause(20, 'the load is light')
      }
      await reloading
      await fleet.untilMembers(4)
      fleet.pids.clear()
      await fleet.load(24)
      await fleet.untilAllCounted()
      assert.ok(before.every((pid) => !fleet.pids.has(pid)))
    }
    // PM2's messages alone: the app prints what its own IPC brings.
    assert.doesNotMatch(pm2.stdout, /^message/m)
    pm2.kill('SIGINT')
    await pm2.exited
  })
}
