import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { ROOT } from '../support/paths.ts'

/** An app with Sentry of its own behaves as with Sentry alone, and its requests are ours as well. */

const NODE_MODULES = join(ROOT, 'test/neighbours/node_modules')

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

const LINE = /^@paxx\/obs: the app started another OpenTelemetry SDK \(.*context manager.*\)/

describe('beside Sentry', { skip: notInstalled(), concurrency: 2 }, () => {
  const ways = { 'errors and traces': { TRACES: '1' }, ...(process.env['OBS_TEST_MATRIX'] === 'all' && { errors: {} }) }
  for (const [name, env] of Object.entries(ways)) {
    const program = { env, nodeModules: NODE_MODULES, says: [LINE] }
    test(`node:http, ${name}`, (t) => asBare(t, { ...program, source: PLAIN, spans: 8 }))
    test(`Fastify, ${name}`, (t) => asBare(t, { ...program, source: FASTIFY, spans: 10 }))
  }
})

function notInstalled(): string | false {
  if (existsSync(NODE_MODULES)) return false
  const missing = 'Sentry is not installed: npm ci --prefix test/neighbours'
  if (process.env['OBS_TEST_SERVICES'] === 'require') throw new Error(missing)
  return missing
}
