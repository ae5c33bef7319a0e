import axe from 'axe-core'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { after, before, test, type TestContext } from 'node:test'
import { findBinary } from './services/find-binary.ts'
import { unavailable } from './services/service.ts'

/** Starts a real browser; returns undefined if Chromium is not installed. */
export async function startBrowser(t: Pick<TestContext, 'after'>): Promise<Browser | undefined> {
  const executablePath = findBinary('chromium') ?? findBinary('google-chrome')
  if (executablePath === undefined) return unavailable('a browser')
  // Chromium's sandbox does not work in containers or as root.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  t.after(() => browser.close())
  return browser
}

/** Returns the source of axe-core, which checks the accessibility of a page it is loaded into. */
export function axeSource(): string {
  return axe.source
}

/** A page. Errors and forbidden requests fail the test at its end. */
export interface WatchedPage {
  readonly page: Page
  /** The browser's messages about errors, the content security policy, and requests to other hosts. */
  readonly complaints: readonly string[]
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await browser.newPage(options)
  const complaints: string[] = []
  const { origin } = new URL(url)
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // Tests break connections on purpose.
    if (message.type() === 'error' && !/net::ERR_/.test(message.text())) complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(`asked ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints }
}

/**
 * Starts one browser for the tests of a file. Returns a function that declares a test that needs it, which is skipped
 * if there is no browser.
 */
export function browserTests(): (title: string, run: (t: TestContext, browser: Browser) => Promise<void>) => void {
  let browser: Browser | undefined
  const cleanUps: (() => unknown)[] = []
  before(async () => {
    browser = await startBrowser({ after: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) } as never)
  })
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })
  return (title, run) => {
    test(title, async (t) => {
      if (browser === undefined) t.skip('needs Chromium')
      else await run(t, browser)
    })
  }
}
