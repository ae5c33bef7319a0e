import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { axeSource, browserTests, openPage } from '../support/browser.ts'
import { TestFleet } from '../support/fleet.ts'
import { ROOT } from '../support/paths.ts'
import { httpGet } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

const VIEWS = ['requests', 'traces', 'calls', 'logs', 'runtime', 'telemetry']
/** Kept by continuous integration; one is in the README. */
const SCREENSHOTS = process.env['OBS_TEST_SCREENSHOTS']

const browserTest = browserTests()

const pageOf = (app: Pick<ServingApp, 'sidePort'>): string => `http://localhost:${app.sidePort}/`

async function keep(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(ROOT, SCREENSHOTS, `${name}.png`) })
}

browserTest('a request shows up in the open page, with the spans that the collector gets', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs' })
  const { page, complaints } = await openPage(chromium, pageOf(app))
  await page.getByText('live').waitFor()
  await app.get('/users/7')
  await page.getByRole('link', { name: '/users/7' }).click()
  const names = page.locator('.span-name')
  await eventually(async () => (await names.count()) === app.receiver.spans.length && app.receiver.spans.length >= 3)
  const shown = (await names.allTextContents()).map((name) => name.trim())
  // An outgoing request says where it went.
  const expected = app.receiver.spans.map(({ name, attributes }) => `${name} ${attributes['url.full'] ?? ''}`.trim())
  assert.deepEqual(shown.toSorted(), expected.toSorted())
  await keep(page, 'waterfall')
  await page.goto(`${pageOf(app)}#/requests`)
  await page.getByRole('rowheader', { name: 'GET /users/:id' }).waitFor()
  await keep(page, 'requests')
  assert.deepEqual(complaints, [])
})

browserTest('what was recorded before the page was opened is there', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs' })
  await app.get('/users/1')
  await eventually(async () => app.receiver.spans.length >= 3)
  const { page } = await openPage(chromium, `${pageOf(app)}#/traces`)
  await page.locator('.trace-row', { hasText: 'GET /users/:id' }).waitFor()
})

browserTest(
  'traces are filtered by text, route, status, duration and errors; N+1 is hinted at',
  async (t, chromium) => {
    const app = await startServingApp(t, { app: 'use-page.mjs' })
    for (const path of ['/users/1', '/users/2', '/n-plus-one', '/boom', '/nowhere']) await app.get(path)
    const { page, complaints } = await openPage(chromium, `${pageOf(app)}#/traces`)
    const rows = page.locator('.trace-row')
    const count = (expected: number): Promise<boolean> => eventually(async () => (await rows.count()) === expected)
    await count(5)
    const filters: readonly (readonly [set: () => Promise<unknown>, shown: number, reset: () => Promise<unknown>])[] = [
      [() => page.getByLabel('Text').fill('/users/2'), 1, () => page.getByLabel('Text').fill('')],
      [
        () => page.getByLabel('Route').selectOption('GET /users/:id'),
        2,
        () => page.getByLabel('Route').selectOption(''),
      ],
      [() => page.getByLabel('Status').selectOption('4'), 1, () => page.getByLabel('Status').selectOption('')],
      [() => page.getByLabel('Errors only').check(), 1, () => page.getByLabel('Errors only').uncheck()],
      [() => page.getByLabel('At least (ms)').fill('20'), 2, () => page.getByLabel('At least (ms)').fill('0')],
    ]
    for (const [set, shown, reset] of filters) {
      await set()
      // A slow machine makes more requests that long, never fewer.
      if (shown === 2) await eventually(async () => (await rows.count()) >= 2)
      else await count(shown)
      await reset()
      await count(5)
    }
    await page.goto(`${pageOf(app)}#/calls`)
    await page.getByRole('link', { name: /N\+1: 7 × below one span/ }).click()
    await page.getByText('7 times below one span').waitFor()
    await keep(page, 'n-plus-one')
    assert.deepEqual(complaints, [])
  },
)

browserTest('names, messages and stacks are text, whatever they hold', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs' })
  const { page, complaints } = await openPage(chromium, pageOf(app))
  await app.get('/hostile')
  await app.get('/boom')
  await page.getByRole('link', { name: '/hostile' }).click()
  await page.getByText('<img src=x onerror="document.title=1"><script>1</script>').first().waitFor()
  await page.goto(`${pageOf(app)}#/requests`)
  await page.getByRole('link', { name: '/boom' }).first().click()
  await page.getByText('<img src=x onerror="document.title=1">').first().waitFor()
  assert.equal(await page.locator('img, main script').count(), 0)
  assert.notEqual(await page.title(), '1')
  assert.deepEqual(complaints, [])
})

browserTest('every view is accessible in both themes and at 360 and 1600 pixels', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs' })
  for (const path of ['/users/1', '/n-plus-one', '/boom']) await app.get(path)
  for (const [colorScheme, width] of [
    ['light', 360],
    ['dark', 1600],
  ] as const) {
    const { page, complaints } = await openPage(chromium, pageOf(app), {
      colorScheme,
      viewport: { width, height: 800 },
      bypassCSP: true,
    })
    await page.getByRole('link', { name: '/boom' }).first().waitFor()
    const href = await page.getByRole('link', { name: '/boom' }).first().getAttribute('href')
    await page.addScriptTag({ content: axeSource() })
    for (const view of [...VIEWS.map((name) => `#/${name}`), href ?? '']) {
      await page.evaluate(`location.hash = ${JSON.stringify(view)}`)
      await page.locator('h2').first().waitFor()
      const violations = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`))',
      )
      assert.deepEqual(violations, [], `${view} in ${colorScheme} at ${width}`)
      const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      assert.ok(overflow <= 0, `${view} is ${overflow} px wider than ${width}`)
      await keep(page, `${colorScheme}-${width}-${view.split('/')[1]}`)
    }
    assert.deepEqual(complaints, [])
    await page.close()
  }
})

browserTest('a keyboard is enough: to a trace, through its spans, back', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs' })
  await app.get('/users/1')
  const { page } = await openPage(chromium, `${pageOf(app)}#/traces`)
  await page.locator('.trace-row').first().waitFor()
  const focused = (): Promise<string> =>
    page.evaluate('/^(A|BUTTON)$/.test(document.activeElement.tagName) ? document.activeElement.textContent : ""')
  const tabTo = async (wanted: RegExp): Promise<void> => {
    for (let i = 0; i < 60; i++) {
      if (wanted.test(await focused())) return
      await page.keyboard.press('Tab')
    }
    assert.fail(`no ${wanted} by Tab`)
  }
  await tabTo(/^\S+GET \/users\/:id/)
  await page.keyboard.press('Enter')
  await page.locator('.bar-row').first().waitFor()
  await tabTo(/^GET \/slow/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'GET /slow' }).waitFor()
  await tabTo(/^All traces/)
  await page.keyboard.press('Enter')
  await page.locator('.trace-row').first().waitFor()
})

browserTest('ten thousand spans do not stall the page', async (t, chromium) => {
  const app = await startServingApp(t, { app: 'use-page.mjs', env: { OTEL_BSP_MAX_QUEUE_SIZE: '20000' } })
  const { page } = await openPage(chromium, `${pageOf(app)}#/traces`)
  await page.getByText('live').waitFor()
  await app.get('/many')
  await page
    .locator('.trace-row', { hasText: '10,001 spans' })
    .or(page.locator('.trace-row', { hasText: '10,000 spans' }))
    .click()
  await page.locator('.bar-row').first().waitFor()
  // Only what is in sight is in the document, and frames come while it scrolls to the end.
  assert.ok((await page.locator('.bar-row').count()) < 100)
  const frames = await page.evaluate(`(async () => {
    const list = document.querySelector('.list')
    let count = 0
    for (let step = 1; step <= 20; step++) {
      list.scrollTop = (list.scrollHeight * step) / 20
      await new Promise((resolve) => requestAnimationFrame(resolve))
      count += 1
    }
    return count
  })()`)
  assert.equal(frames, 20)
  await page.getByText('span 9998', { exact: true }).waitFor()
})

browserTest('the page goes on when the process that holds the port is killed', async (t, chromium) => {
  const fleet = await TestFleet.create(t, {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  })
  const first = await fleet.start()
  const second = await fleet.start()
  const { page } = await openPage(chromium, `http://localhost:${fleet.sidePort}/`)
  await page.getByText('live').waitFor()
  const portOf = async (running: typeof first): Promise<number> => Number((await running.waitFor(/listening (\d+)/))[1])
  await httpGet(`http://127.0.0.1:${await portOf(second)}/of-a-member`)
  await page.getByRole('link', { name: '/of-a-member' }).waitFor()
  first.kill('SIGKILL')
  await second.waitFor(/that served the side port has exited/, 'stderr')
  await page.getByText('live').waitFor()
  await httpGet(`http://127.0.0.1:${await portOf(second)}/after-it`)
  await page.getByRole('link', { name: '/after-it' }).waitFor()
})
