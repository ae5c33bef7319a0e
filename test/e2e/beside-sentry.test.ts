import assert from 'node:assert/strict'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { eventually } from '../support/eventually.ts'
import { ROOT } from '../support/paths.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** An app with Sentry of its own behaves as with Sentry alone, and its requests are ours as well. */

const NODE_MODULES = join(ROOT, 'test/neighbours/node_modules')

/** Installed by `npm ci --prefix test/neighbours/sentry-8`; continuous integration has version 10 alone. */
const MAJORS: Readonly<Record<string, string>> = {
  8: join(ROOT, 'test/neighbours/sentry-8/node_modules'),
  9: join(ROOT, 'test/neighbours/sentry-9/node_modules'),
  10: NODE_MODULES,
  11: join(ROOT, 'test/neighbours/sentry-11/node_modules'),
}

const SENTRY = `
const Sentry = require('@sentry/node')
const events = []
let port
Sentry.init({
  dsn: 'http://key@127.0.0.1:9/1',
  ...(process.env.TRACES && { tracesSampleRate: 1 }),
  beforeSend({ exception, tags, user, transaction, breadcrumbs = [] }) {
    // Of the app's own requests, those that are answered by then change from run to run.
    const crumbs = breadcrumbs.filter(({ data }) => !data?.url?.startsWith('http://127.0.0.1:' + port + '/'))
    events.push([exception.values[0].value, tags, user, transaction, crumbs.map(({ category, data }) => [category, data?.url])])
    return null
  },
  beforeSendTransaction({ transaction, contexts, spans = [] }) {
    events.push([transaction, contexts.trace.op, spans.map(({ description }) => description).toSorted()])
    return null
  },
})
const http = require('node:http')
const ask = (path) => new Promise((resolve, reject) => {
  const request = http.get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
    let text = ''
    response.on('data', (data) => (text += data)).on('end', () => resolve([path, response.statusCode, text]))
  })
  request.on('error', reject)
})
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
async function show(server, paths) {
  port = server.address().port
  for (const answer of await Promise.all(paths.map(ask))) console.log(JSON.stringify(answer))
  await Sentry.flush(1000)
  for (const event of events.map((each) => JSON.stringify(each)).toSorted()) console.log(event)
}
`

/** What a request has noted in Sentry's scopes is its own, however many there are at once. */
const PLAIN = `${SENTRY}
const server = http.createServer(async (request, response) => {
  const user = request.url.slice(1)
  Sentry.setUser({ id: user })
  Sentry.setTag('of', user)
  await pause(user === 'a' ? 80 : 10)
  await Sentry.withScope(async (scope) => {
    scope.setTag('scoped', user)
    await pause(20)
    Sentry.captureException(new Error('failed for ' + user))
  })
  response.end(user)
})
server.listen(0, '127.0.0.1', async () => {
  await show(server, ['/a', '/b', '/c', '/d'])
  server.close()
})`

const FASTIFY = `${SENTRY}
const app = require('fastify')()
Sentry.setupFastifyErrorHandler(app)
app.addHook('onRequest', async ({ url }) => Sentry.setTag('of', url))
app.get('/things/:id', async ({ params }) => (await pause(10), params))
app.get('/fails/:id', async ({ params }) => { throw new RangeError('failed ' + params.id) })
app.register(async (inner) => inner.get('/page/:id', (request, reply) => reply.send(request.params)), { prefix: '/inner' })
app.listen({ port: 0, host: '127.0.0.1' }).then(async () => {
  console.log(app.printRoutes({ includeHooks: true, commonPrefix: false }))
  await show(app.server, ['/things/1', '/things/2', '/fails/3', '/inner/page/4', '/nowhere'])
  await app.close()
})`

const EXPRESS = `
require('@sentry/node').init({ dsn: 'http://key@127.0.0.1:9/1', tracesSampleRate: 1, beforeSend: () => null, beforeSendTransaction: () => null })
const app = require('express')()
app.get('/things/:id', (request, response) => response.json(request.params))
app.get('/fails', () => { throw new RangeError('failed') })
app.use((error, request, response, next) => response.status(500).end(error.message))
const server = app.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port))
`

const LINE = /^@paxx\/obs: the app started another OpenTelemetry SDK \(.*context manager.*\)/

describe('beside Sentry', { skip: notInstalled(), concurrency: 2 }, () => {
  const ways = { 'errors and traces': { TRACES: '1' }, ...(process.env['OBS_TEST_MATRIX'] === 'all' && { errors: {} }) }
  for (const [name, env] of Object.entries(ways)) {
    const program = { env, nodeModules: NODE_MODULES, says: [LINE] }
    test(`node:http, ${name}`, (t) => asBare(t, { ...program, source: PLAIN, spans: 8 }))
    test(`Fastify, ${name}`, (t) => asBare(t, { ...program, source: FASTIFY, spans: 10 }))
  }
  for (const [major, nodeModules] of Object.entries(MAJORS)) {
    test(`Express, each request once, Sentry ${major}`, { skip: !existsSync(nodeModules) }, (t) =>
      countsOnce(t, nodeModules),
    )
  }
})

/** Spans and metrics have each request once, with its route. */
async function countsOnce(t: TestContext, nodeModules: string): Promise<void> {
  const folder = temporaryFolder(t, 'beside-sentry')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(nodeModules, '@sentry'), join(folder, 'node_modules/@sentry'))
  symlinkSync(join(ROOT, 'node_modules/express'), join(folder, 'node_modules/express'))
  writeFileSync(join(folder, 'app.cjs'), EXPRESS)
  const app = await startServingApp(t, { app: join(folder, 'app.cjs') })
  for (const path of ['/things/1', '/things/2', '/fails', '/nowhere']) await app.get(path)
  await eventually(async () => (await scrape(app.sidePort)).sum('http_requests_total') === 4)
  const metrics = await scrape(app.sidePort)
  const spans = await app.receiver.waitForSpans((all) => all.filter(({ kind }) => kind === 'server').length >= 4)
  for (const [endpoint, status, count] of [
    ['/things/:id', '200', 2],
    ['/fails', '500', 1],
    ['unmatched', '404', 1],
  ] as const) {
    assert.equal(metrics.sum('http_requests_total', { endpoint, status }), count, endpoint)
  }
  // Sentry listens to the responses of the side port as well.
  assert.doesNotMatch(app.process.stderr, /MaxListenersExceededWarning/)
  // Sentry sends its own requests from version 11 on without a mark that they are not to be traced.
  const ofTheApp = spans.filter(({ kind }) => kind !== 'client').map(({ name }) => name)
  assert.deepEqual(ofTheApp.toSorted(), ['GET', 'GET /fails', 'GET /things/:id', 'GET /things/:id'])
}

function notInstalled(): string | false {
  if (existsSync(NODE_MODULES)) return false
  const missing = 'Sentry is not installed: npm ci --prefix test/neighbours'
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(missing)
  return missing
}
