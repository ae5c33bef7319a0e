import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { httpGet } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

/** bcrypt of "secret". */
const HASH = '$2b$04$J3ghZjFblvSv0gyHR3yRN.pii1FcV9zye8eh3cYUdjdb6viW286mC'
const PASSWORD = { OBS_SIDE_PORT_USER: 'ops', OBS_SIDE_PORT_PASSWORD_HASH: HASH }

/** Where the page is on: the environment, the status of `/page/events` without credentials, and what stderr says of it. */
const CASES: readonly {
  readonly title: string
  readonly env: Readonly<Record<string, string>>
  readonly status: number
  readonly line?: RegExp
}[] = [
  { title: 'on loopback it is on', env: {}, status: 200, line: /page on http:\/\/localhost:\d+\// },
  { title: 'in production it is off', env: { NODE_ENV: 'production' }, status: 404 },
  {
    title: 'in production it is not on without a password',
    env: { NODE_ENV: 'production', OBS_PAGE: 'true' },
    status: 404,
    line: /OBS_PAGE="true" needs a password or client certificates where NODE_ENV is production; the page stays off/,
  },
  {
    title: 'in production it needs the password',
    env: { NODE_ENV: 'production', OBS_PAGE: 'true', ...PASSWORD },
    status: 401,
  },
  { title: 'OBS_PAGE=false', env: { OBS_PAGE: 'false' }, status: 404 },
  { title: 'for the network it is off', env: { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' }, status: 404 },
  {
    title: 'for the network it is not on without a password',
    env: { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0', OBS_PAGE: 'true' },
    status: 404,
    line: /OBS_PAGE="true" needs a password or client certificates where the side port listens on 0\.0\.0\.0; the page stays off/,
  },
  {
    title: 'for the network it needs the password',
    env: { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0', OBS_PAGE: 'true', ...PASSWORD },
    status: 401,
    line: /metrics on http:\/\/0\.0\.0\.0:\d+\/metrics, page on http:\/\/localhost:\d+\//,
  },
  { title: 'without a side port there is no page', env: { OTEL_METRICS_EXPORTER: 'none' }, status: 0 },
]

for (const { title, env, status, line } of CASES) {
  test(`the page: ${title}`, async (t) => {
    const app = await startServingApp(t, { app: 'use-http.cjs', env })
    const ready = status === 0 ? /no side port/ : /metrics on/
    await app.process.waitFor(ready, 'stderr')
    if (line !== undefined) assert.match(app.process.stderr, line)
    const address = `http://127.0.0.1:${app.sidePort}`
    if (status === 0) return assert.rejects(fetch(address))
    const response = await fetch(`${address}/page/events`)
    await response.body?.cancel()
    assert.equal(response.status, status)
    const { body } = await httpGet(`${address}/`)
    if (status === 404) assert.doesNotMatch(body, /<script/)
    if (status === 200) assert.match(body, /<script type="module" src="\/page\/page\.js">/)
  })
}

const CREDENTIALS = { authorization: `Basic ${Buffer.from('ops:secret').toString('base64')}` }

test('the page: on the network it answers under names of this machine, and the metrics under any name', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-http.cjs',
    env: {
      OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0',
      OBS_PAGE: 'true',
      OBS_PAGE_HOSTS: 'obs.example.com,*.shop.test',
      ...PASSWORD,
    },
  })
  await app.process.waitFor(/metrics on/, 'stderr')
  const status = async (path: string, host: string): Promise<number> =>
    (await httpGet(`http://127.0.0.1:${app.sidePort}${path}`, { ...CREDENTIALS, host })).status
  for (const host of [
    'localhost:9464',
    '127.0.0.1',
    '[::1]:9464',
    'obs.example.com',
    'Obs.Example.com:80',
    'a.shop.test',
    hostname(),
  ]) {
    assert.equal(await status('/', host), 200, host)
  }
  for (const host of ['evil.example', 'obs.example.com.evil.example', 'shop.test', 'localhost.evil.example']) {
    assert.equal(await status('/', host), 421, host)
    assert.equal(await status('/page/events', host), 421, host)
    assert.equal(await status('/metrics', host), 200, host)
  }
})
