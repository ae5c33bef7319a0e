import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScrapedAllTheTime } from '../support/scraped-all-the-time.ts'
import { eventually } from '../support/eventually.ts'
import { TestFleet } from '../support/fleet.ts'
import { currentNodeVersion } from '../support/matrix.ts'
import { pause } from '../support/pause.ts'
import { httpGet } from '../support/scrape.ts'

/** Processes of a service that are killed or stand still, the one that has the port among them. */

/** The second, on a machine that has other things to do. */
const TAKEN_OVER_WITHIN_MS = 20_000
/** A scrape waits for a stopped process no longer than by default. */
const WITH_FROZEN = { OBS_FLEET_TIMEOUT: '250' }

for (const { label, execPath } of currentNodeVersion()) {
  test(`Node ${label}: killed at any moment under load, each scrape is right or fails cleanly`, async (t) => {
    const fleet = await TestFleet.create(t)
    const processes = await Promise.all([0, 1, 2].map(() => fleet.start(['server'], { execPath })))
    await fleet.untilMembers(3)
    await fleet.load(9)
    await fleet.untilAllCounted()
    const scraping = new ScrapedAllTheTime(fleet.sidePort, 'http_requests_total')
    let lostAtMost = 0
    // The leader first, and each time one of those that are left has the port.
    for (const victim of processes) {
      const answeredBefore = fleet.answered
      const loading = fleet.load(60)
      await pause(Math.random() * 100, 'any moment')
      victim.kill('SIGKILL')
      const killedMs = performance.now()
      await Promise.all([loading, fleet.start(['server'], { execPath })])
      lostAtMost += fleet.answered - answeredBefore
      await eventually(() =>
        assert.ok(scraping.lastRightMs > killedMs, 'no scrape was right since the process was killed'),
      )
    }
    await fleet.untilMembers(3)
    const { right, longestGapMs } = await scraping.stop()
    assert.ok(right > 10, `${right} scrapes were right`)
    assert.ok(longestGapMs < TAKEN_OVER_WITHIN_MS, `${longestGapMs} ms without an answer`)
    // Only what was never scraped may be missing.
    await eventually(async () => {
      const counted = await fleet.counted()
      assert.ok(
        counted >= fleet.answered - lostAtMost,
        `${counted} counted, ${fleet.answered} answered, ${lostAtMost} lost at most`,
      )
    })
    await fleet.untilCollectedAnew()
    const counted = await fleet.counted()
    await fleet.load(12)
    await eventually(async () => assert.equal(await fleet.counted(), counted + 12))
  })
}

test('a stopped process delays a scrape by no more than the deadline, and its last values are served', async (t) => {
  const fleet = await TestFleet.create(t, WITH_FROZEN)
  await fleet.start()
  const frozen = await fleet.start()
  await fleet.untilMembers(2)
  await fleet.load(10)
  await fleet.untilAllCounted()
  frozen.kill('SIGSTOP')
  await fleet.untilCollectedAnew()
  const startMs = performance.now()
  const found = await fleet.untilCollectedAnew()
  const tookMs = performance.now() - startMs
  assert.equal(found.sum('obs_fleet_members_missing'), 1)
  assert.equal(found.sum('http_requests_total'), fleet.answered)
  assert.ok(tookMs >= 240 && tookMs < 20_000, `${tookMs} ms`)
  frozen.kill('SIGCONT')
  await fleet.untilMembers(2, 0)
  await fleet.untilAllCounted()
})

test("a stopped process survives the leader's exit, and joins the new leader later", async (t) => {
  const fleet = await TestFleet.create(t, WITH_FROZEN)
  const leader = await fleet.start()
  const frozen = await fleet.start()
  await fleet.start()
  await fleet.untilMembers(3)
  await fleet.load(9)
  await fleet.untilAllCounted()
  frozen.kill('SIGSTOP')
  leader.kill('SIGKILL')
  await eventually(async () =>
    assert.equal((await fleet.untilMembers(2, 1)).sum('http_requests_total'), fleet.answered),
  )
  frozen.kill('SIGCONT')
  await fleet.untilMembers(2, 0)
  await fleet.untilAllCounted()
})

test('a stopped leader keeps its port without harm, and all counts are right afterwards', async (t) => {
  const fleet = await TestFleet.create(t, WITH_FROZEN)
  const leader = await fleet.start()
  const member = await fleet.start()
  const ending = await fleet.start()
  await fleet.untilMembers(3)
  await fleet.load(9)
  await fleet.untilAllCounted()
  leader.kill('SIGSTOP')
  // Nothing answers at the port of a stopped process; a request there is answered when the process continues.
  const asked = httpGet(`http://127.0.0.1:${fleet.sidePort}/metrics`)
  const [, ...others] = fleet.ports
  for (const port of [...others, ...others]) {
    await httpGet(`http://127.0.0.1:${port}/`)
    fleet.answered += 1
  }
  ending.kill('SIGTERM')
  assert.equal((await ending.exited).signal, 'SIGTERM')
  const joining = fleet.startWithoutPlace()
  await (await joining).waitFor(/does not respond/, 'stderr')
  assert.doesNotMatch(member.stderr, /exited|could not/)
  leader.kill('SIGCONT')
  assert.equal((await asked).status, 200)
  await fleet.untilMembers(3)
  await (await joining).waitFor(/shared with the service/, 'stderr')
  await fleet.load(9)
  await fleet.untilAllCounted()
})

test('a stopped leader that is killed has a successor, which may have started meanwhile', async (t) => {
  const fleet = await TestFleet.create(t, WITH_FROZEN)
  const leader = await fleet.start()
  await fleet.start()
  await fleet.untilMembers(2)
  await fleet.load(6)
  await fleet.untilAllCounted()
  leader.kill('SIGSTOP')
  await fleet.startWithoutPlace()
  leader.kill('SIGKILL')
  await leader.exited
  await fleet.untilMembers(2)
  await fleet.load(4)
  await fleet.untilAllCounted()
})
