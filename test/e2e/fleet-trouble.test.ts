import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { TestFleet } from '../support/fleet.ts'
import { splitStderr } from '../support/own-lines.ts'
import { pause } from '../support/pause.ts'
import { runNode } from '../support/run-node.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** What may go wrong between the processes of a service. */

test('a rolling restart under load loses no request that was answered', async (t) => {
  const fleet = await TestFleet.create(t)
  let processes = [await fleet.start(), await fleet.start(), await fleet.start()]
  await fleet.untilMembers(3)
  for (let round = 0; round < 3; round++) {
    const [oldest, ...others] = processes
    await fleet.load(12)
    oldest?.kill('SIGTERM')
    await oldest?.exited
    processes = [...others, await fleet.start()]
  }
  await fleet.untilMembers(3)
  await fleet.untilAllCounted()
  assert.ok(fleet.answered >= 30)
})

async function requestsAt(port: number): Promise<number> {
  return (await scrape(port)).sum('http_requests_total')
}

test('two services side by side: each has its own port, named in its start line', async (t) => {
  const fleet = await TestFleet.create(t)
  const other = { env: { OTEL_SERVICE_NAME: 'other' } }
  await fleet.start()
  const first = await fleet.start(['server'], other)
  const second = await fleet.start(['server'], other)
  const [, port] = await first.waitFor(
    /metrics on http:\/\/localhost:(\d+)\/metrics \(localhost:\d+ is in use by another/,
    'stderr',
  )
  assert.equal(Number(port), fleet.sidePort + 1)
  assert.match(
    second.stderr,
    new RegExp(
      `metrics on http://localhost:${port}/metrics, shared with the service.*, page on http://localhost:${port}/`,
    ),
  )
  await fleet.load(9)
  await eventually(async () => {
    assert.deepEqual([await requestsAt(fleet.sidePort), await requestsAt(Number(port))], [3, 6])
  })
})

const UNUSABLE: readonly { label: string; prepare: (parent: string) => void; line: RegExp }[] = [
  {
    label: 'a link',
    prepare: (parent) => symlinkSync(parent, join(parent, 'paxx-obs')),
    line: /could not share the side port with other processes: \S+paxx-obs is not a folder/,
  },
  {
    label: 'open to others',
    prepare: (parent) => {
      mkdirSync(join(parent, 'paxx-obs'))
      chmodSync(join(parent, 'paxx-obs'), 0o777)
    },
    line: /could not share the side port with other processes: \S+paxx-obs is open to other users/,
  },
]

for (const { label, prepare, line } of UNUSABLE) {
  test(`the runtime folder is ${label}: a line, and each process has a port of its own`, async (t) => {
    const parent = temporaryFolder(t, 'run')
    prepare(parent)
    const fleet = await TestFleet.create(t, { XDG_RUNTIME_DIR: parent })
    const first = await fleet.start()
    const second = await fleet.start()
    for (const { stderr } of [first, second]) assert.match(stderr, line)
    assert.match(
      second.stderr,
      new RegExp(`metrics on http://localhost:${fleet.sidePort + 1}/metrics \\(localhost:\\d+ is in use`),
    )
    await fleet.load(4)
    await eventually(async () => assert.equal(await requestsAt(fleet.sidePort + 1), 2))
  })
}

test('a missing runtime folder is skipped', async (t) => {
  const fleet = await TestFleet.create(t, { XDG_RUNTIME_DIR: '/nonexistent/run' })
  const processes = [await fleet.start(), await fleet.start()]
  await fleet.untilMembers(2)
  assert.ok(processes.every(({ stderr }) => splitStderr(stderr).own.length === 1))
})

/** The only fleet in a test's runtime folder. */
function folderOf(fleet: TestFleet): string {
  const parent = join(fleet.env['XDG_RUNTIME_DIR'] ?? '', 'paxx-obs')
  return join(parent, readdirSync(parent)[0] ?? '')
}

test('files left by a crash are not counted after the next start, and a clean exit leaves none', async (t) => {
  const fleet = await TestFleet.create(t)
  const crashed = [await fleet.start(), await fleet.start()]
  await fleet.untilMembers(2)
  await fleet.load(6)
  await fleet.untilAllCounted()
  for (const process of crashed) process.kill('SIGKILL')
  await Promise.all(crashed.map(({ exited }) => exited))
  const folder = folderOf(fleet)
  for (const name of ['retired', 'member-1-1', 'member-999999-5', 'retired.1-1', 'junk'])
    writeFileSync(join(folder, name), 'junk')
  assert.ok(readdirSync(folder).includes('socket'))
  const last = await fleet.start()
  await httpGet(`http://127.0.0.1:${fleet.ports.at(-1)}/`)
  await eventually(async () => assert.equal((await fleet.scrape()).sum('http_requests_total'), 1))
  last.kill('SIGTERM')
  await last.exited
  assert.deepEqual(readdirSync(join(folder, '..')), [])
})

test('files of killed processes do not accumulate, and are deleted eventually', async (t) => {
  const fleet = await TestFleet.create(t)
  const parent = join(fleet.env['XDG_RUNTIME_DIR'] ?? '', 'paxx-obs')
  const left: number[] = []
  for (let round = 0; round < 3; round++) {
    const processes = await Promise.all([fleet.start(), fleet.start()])
    await fleet.untilMembers(2)
    for (const process of processes) process.kill('SIGKILL')
    await Promise.all(processes.map(({ exited }) => exited))
    assert.equal(readdirSync(parent).length, 1)
    left.push(readdirSync(folderOf(fleet)).length)
  }
  assert.ok(Math.max(...left) <= 5, left.join())

  const old = folderOf(fleet)
  const aDayAgo = new Date(Date.now() - 25 * 3600 * 1000)
  await fleet.start(['server'], { env: { OTEL_SERVICE_NAME: 'quiet' } })
  const quiet = join(parent, readdirSync(parent).find((name) => !old.endsWith(name)) ?? '')
  for (const folder of [old, quiet]) utimesSync(folder, aDayAgo, aDayAgo)
  await fleet.start(['server'], { env: { OTEL_SERVICE_NAME: 'other' } })
  await eventually(async () => assert.ok(!readdirSync(parent).some((name) => old.endsWith(name))))
  assert.ok(readdirSync(quiet).includes('socket'), 'one that is only quiet stays')
})

test('deleting the folder while it is in use affects neither scrapes nor a clean exit', async (t) => {
  const fleet = await TestFleet.create(t)
  const processes = [await fleet.start(), await fleet.start()]
  await fleet.untilMembers(2)
  rmSync(join(folderOf(fleet), '..'), { recursive: true })
  await pause(3500, 'a leader looks three seconds after its start whether the socket is still its own')
  await fleet.load(4)
  await fleet.untilAllCounted()
  for (const process of processes) {
    process.kill('SIGTERM')
    const { signal, stderr } = await process.exited
    assert.equal(signal, 'SIGTERM')
    assert.equal(splitStderr(stderr).app.length, 0, stderr)
  }
})

test('two processes that raced for the port and each opened one join each other', async (t) => {
  const fleet = await TestFleet.create(t)
  const first = await fleet.start()
  // As if it had not come to open its socket in time.
  rmSync(join(folderOf(fleet), 'socket'))
  const second = await fleet.start()
  await second.waitFor(new RegExp(`metrics on http://localhost:${fleet.sidePort + 1}/`), 'stderr')
  await fleet.load(6)
  await eventually(async () => assert.equal(await requestsAt(fleet.sidePort + 1), 6))
  first.kill('SIGTERM')
  await first.exited
  await eventually(async () => assert.equal(await requestsAt(fleet.sidePort + 1), 6))
})

test('OBS_FLEET_EVERY_PROCESS: every process has its own series', async (t) => {
  const fleet = await TestFleet.create(t, { OBS_FLEET_EVERY_PROCESS: 'true' })
  await fleet.start()
  await fleet.start()
  await fleet.load(6)
  await eventually(async () => {
    const found = await fleet.scrape()
    const byProcess = ['0', '1'].map((process) => found.sum('http_requests_total', { process }))
    assert.deepEqual(byProcess, [3, 3])
  })
})

test('OBS_FLEET=false: the next process uses the next port', async (t) => {
  const fleet = await TestFleet.create(t, { OBS_FLEET: 'false' })
  await fleet.start()
  const second = await fleet.start()
  assert.match(second.stderr, new RegExp(`metrics on http://localhost:${fleet.sidePort + 1}/metrics`))
  assert.deepEqual(readdirSync(fleet.env['XDG_RUNTIME_DIR'] ?? ''), [])
})

test('without fallback ports: a port in use is one line, and the app runs', async (t) => {
  const fleet = await TestFleet.create(t, { OBS_FALLBACK_PORTS: '0' })
  const taken = createServer().listen(fleet.sidePort, '127.0.0.1')
  t.after(() => taken.close())
  const { stderr } = await fleet.start()
  assert.match(stderr, new RegExp(`no metrics: localhost:${fleet.sidePort} is in use by another program or service\\n`))
  await fleet.load(1)
  assert.equal(fleet.answered, 1)
})

/** What the app sees of its own IPC, and how its workers end, beside bare Node. */
async function ipcOf(
  t: TestContext,
  shape: 'cluster' | 'fork',
  preload: 'none' | 'NODE_OPTIONS import',
): Promise<string[]> {
  const fleet = await TestFleet.create(t)
  const running = preload === 'none' ? undefined : await fleet.start([shape, '2'], { preload })
  const app = running ?? (await fleet.startBare([shape, '2']))
  if (running !== undefined) await fleet.untilMembers(3)
  await app.waitFor(/(?:^message[^]*){2}/m)
  const { ports } = fleet
  for (const port of ports) await httpGet(`http://127.0.0.1:${port}/disconnect`)
  await app.waitFor(new RegExp(`(?:^ended .*\\n[^]*){${ports.length}}`, 'm'))
  const lines = app.stdout.replaceAll(/\d{4,5}/g, 'port').split('\n')
  return lines.filter((line) => /^(?:message|cluster|ended)/.test(line)).toSorted()
}

for (const shape of ['cluster', 'fork'] as const) {
  test(`${shape}: the app's IPC brings the app's messages alone, and disconnect() ends a worker as it does on bare Node`, async (t) => {
    assert.deepEqual(await ipcOf(t, shape, 'NODE_OPTIONS import'), await ipcOf(t, shape, 'none'))
  })
}

test('neither the socket nor the port keeps a process alive', async (t) => {
  const fleet = await TestFleet.create(t)
  await fleet.start()
  const script = ['-e', 'setTimeout(() => console.log("done"), 700)']
  const { code, stdout } = await runNode(t, { nodeArgsAfter: script, env: fleet.env })
  assert.deepEqual([code, stdout], [0, 'done\n'])
})
