import assert from 'node:assert/strict'
import { get } from 'node:http'
import type { Page } from 'playwright-core'
import { browserTests, openPage } from '../support/browser.ts'
import { TestFleet } from '../support/fleet.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

/** What the page says of telemetry that was lost, left out or never made. */
const browserTest = browserTests()

/** The cells of a row of the table of exports. */
async function exportRow(page: Page, signal: string): Promise<string[]> {
  const row = page.getByRole('region', { name: 'Table of exports' }).locator('tr', { hasText: signal })
  return (await row.count()) === 0 ? [] : row.locator('td').allTextContents()
}

browserTest('Telemetry counts the exports of every process, and lists the packages of all', async (t, chromium) => {
  const receiver = await OtlpReceiver.start(t)
  const fleet = await TestFleet.create(t, {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
  // The primary holds the port and serves nothing itself.
  await fleet.start(['cluster', '2'])
  await fleet.untilMembers(3)
  await fleet.load(20)
  await eventually(async () => receiver.spans.length >= 20)
  const { page, complaints } = await openPage(chromium, `http://localhost:${fleet.sidePort}/#/telemetry`)
  await eventually(async () => (await exportRow(page, 'traces'))[1] === '20')
  await page.getByText('3 processes of "shop"').waitFor()
  await page.locator('.tags li', { hasText: 'http' }).first().waitFor()
  assert.deepEqual(complaints, [])
})

browserTest('Telemetry lists the packages that a worker thread alone has loaded', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page-thread.mjs' })
  await app.get('/')
  const { page } = await openPage(chromium, `http://localhost:${app.sidePort}/#/telemetry`)
  await page.locator('.tags li', { hasText: /express \d/ }).waitFor()
})

browserTest('Telemetry says what was lost in which process and why', async (t, chromium) => {
  const fleet = await TestFleet.create(t, {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OBS_MAX_RETAINED_BYTES: '4096',
  })
  await fleet.start(['cluster', '2'])
  await fleet.untilMembers(3)
  await fleet.load(60)
  const { page } = await openPage(chromium, `http://localhost:${fleet.sidePort}/#/telemetry`)
  await eventually(async () => Number((await exportRow(page, 'traces'))[3]) > 0)
  const [, , , , why = ''] = await exportRow(page, 'traces')
  assert.match(why, /\d+ were dropped because the collector was unavailable for too long/)
  assert.match(why, /ECONNREFUSED/)
  await page
    .locator('.checks li', { hasText: 'problem' })
    .filter({ hasText: /traces: 0 exported, \d+ not/ })
    .waitFor()
})

browserTest('a trace without its root says so, and its request is in the list', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs', env: { OTEL_BSP_MAX_QUEUE_SIZE: '50' } })
  const { page, complaints } = await openPage(chromium, `http://localhost:${app.sidePort}/`)
  await page.getByText('live').waitFor()
  const hanging = get(`http://127.0.0.1:${app.port}/without-root`).on('error', () => {})
  t.after(() => hanging.destroy())
  const request = page
    .getByRole('region', { name: 'Table of the last requests' })
    .getByRole('link', { name: 'root missing' })
  await request.waitFor()
  await page.getByText('unknown').first().waitFor()
  await request.click()
  await page.locator('.badge', { hasText: 'root missing' }).waitFor()
  await page.getByText('(parent missing)').first().waitFor()
  await page.getByRole('link', { name: 'What was lost, and why' }).click()
  await page
    .getByText(/\d+ found the queue full/)
    .first()
    .waitFor()
  assert.deepEqual(complaints, [])
})

browserTest(
  'a span larger than the buffer takes no other with it, and the page says that it is not there',
  async (t, chromium) => {
    const app = await startServingApp(t, { app: 'use-page.mjs', env: { OBS_PAGE_BUFFER: '100000' } })
    await app.get('/large?kilobytes=300')
    await eventually(async () => app.receiver.spans.length >= 2)
    const { page } = await openPage(chromium, `http://localhost:${app.sidePort}/#/traces`)
    await page.locator('.trace-row', { hasText: 'GET /large' }).click()
    await page.locator('.span-name', { hasText: 'GET /large' }).waitFor()
    assert.equal(await page.locator('.span-name').count(), 1)
    await page.goto(`http://localhost:${app.sidePort}/#/telemetry`)
    await page.getByText("1 item larger than the page's buffer was exported and not kept for this page").waitFor()
  },
)

const EMPTY: readonly (readonly [env: Readonly<Record<string, string>>, text: RegExp])[] = [
  [{ OTEL_TRACES_EXPORTER: 'none' }, /OTEL_TRACES_EXPORTER=none: no spans are made/],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, /OTEL_TRACES_SAMPLER=always_off: no trace that begins here is sampled/],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }, /1 % of the traces that begin here/],
]

browserTest('an empty list says that traces are off or sampled out', async (t, chromium) => {
  for (const [env, text] of EMPTY) {
    const app = await startServingApp(t, { app: 'use-page.mjs', env })
    await app.get('/users/1')
    const { page } = await openPage(chromium, `http://localhost:${app.sidePort}/`)
    for (const view of ['requests', 'traces', 'calls']) {
      await page.goto(`http://localhost:${app.sidePort}/#/${view}`)
      await page.getByText(text).first().waitFor()
    }
    await page.close()
    app.process.kill()
  }
})
