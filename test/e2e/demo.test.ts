import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/paths.ts'
import { startProcess } from '../support/running-process.ts'
import { httpGet } from '../support/scrape.ts'

/** The README's first command does what it says, and Ctrl-C leaves nothing behind. */

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** The other signal takes as long again. */
const isWhole = process.env['OBS_TEST_MATRIX'] === 'all'

for (const [signal, code, skip] of [
  ['SIGINT', 0, false],
  ['SIGTERM', 143, isWhole ? false : 'part of OBS_TEST_MATRIX=all'],
] as const) {
  test(`npm run demo, ended by ${signal}`, { skip }, async (t) => {
    const [command, ...args] = (scripts['demo'] ?? '').split(' ')
    assert.equal(command, 'node')
    const demo = startProcess(t, process.execPath, args, { cwd: ROOT, timeoutMs: 60_000 })
    await demo.waitFor(/Ctrl-C ends it/, 'stdout', 50_000)
    const [shopUrl = '', metricsUrl = ''] = [...demo.stdout.matchAll(/^ {2}\S.*?(http:\S+)/gm)].map(([, url]) => url)
    assert.match(demo.stdout, TREE)
    assert.deepEqual(
      demo.stdout.split('\n').filter((line) => line.length > 80),
      [],
    )
    assert.match(demo.stdout, /^http_requests_total\{method="POST",endpoint="\/orders",status="201"\} 10$/m)
    assert.match(demo.stdout, /^shop_orders_total\{outcome="placed"\} 10$/m)
    assert.equal((await httpGet(shopUrl)).status, 200)
    assert.equal((await httpGet(metricsUrl)).status, 200)

    const askedAt = performance.now()
    demo.kill(signal)
    const result = await demo.exited
    assert.deepEqual([result.code, result.signal], [code, null])
    assert.ok(performance.now() - askedAt < 60_000, 'it ends at once')
    for (const url of [shopUrl, metricsUrl]) await assert.rejects(httpGet(url), { code: 'ECONNREFUSED' })
  })
}

const TREE = new RegExp(
  [
    String.raw`^POST /orders +shop +[\d.]+ ms`,
    String.raw`[\s\S]*SELECT postgres +shop`,
    String.raw`[\s\S]*─ POST +shop +[\d.]+ ms\n`,
    String.raw`[ │]*└─ POST /reservations/:productId +stock +[\d.]+ ms\n`,
    String.raw`[\s\S]*price order +shop`,
    String.raw`[\s\S]*INSERT postgres +shop`,
  ].join(''),
  'm',
)
