import { createServer, get } from 'node:http'
import { metrics, trace } from '@opentelemetry/api'
import grpc from '@grpc/grpc-js'
import { buildSchema, graphql } from 'graphql'
import { Redis as IoRedis } from 'ioredis'
import Memcached from 'memcached'
import { MongoClient } from 'mongodb'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { createClient } from 'redis'

// One request, and the secret goes through every client that there is a server for, in each place that one may have.
const { SECRET, MYSQL_PORT, MONGODB_PORT, MEMCACHED_PORT, REDIS_URL } = process.env

const schema = buildSchema('type Query { user(email: String, name: String): String }')
const pool = new pg.Pool()
const mysqlPool = mysql.createPool({ host: '127.0.0.1', port: Number(MYSQL_PORT), user: 'u', password: SECRET })
const mongo = new MongoClient(`mongodb://127.0.0.1:${MONGODB_PORT}`)
const memcached = new Memcached(`127.0.0.1:${MEMCACHED_PORT}`)

const ignoreFailure = () => {}

async function calls(origin) {
  await (await fetch(`${origin}/peer?fetched=${SECRET}`, { headers: { authorization: SECRET } })).text()
  const url = new URL(`${origin}/peer;id=${SECRET}?got=${SECRET}`)
  await new Promise((resolve) => {
    get({ ...splitUrl(url), auth: `user:${SECRET}`, headers: { cookie: SECRET } }, (response) => {
      response.resume().on('end', resolve)
    })
  })
}

function splitUrl({ hostname, port, pathname, search }) {
  return { hostname, port, path: pathname + search }
}

async function databases() {
  await pool.query(`SELECT '${SECRET}' AS x, 1 AS y`)
  await pool.query(`SELECT\n'${SECRET}'::text`)
  await pool.query('SELECT $1::text', [SECRET])
  await pool.query(`SELECT '${SECRET}'::int`).catch(ignoreFailure)
  await mysqlPool.query('SELECT * FROM users WHERE email = ? AND id = ?', [SECRET, 7])
  await mysqlPool.query(`SELECT\n"${SECRET}"`)
  await mysqlPool.query(`INSERT INTO users VALUES ('${SECRET}')`).catch(ignoreFailure)
  const users = mongo.db('shop').collection('users')
  await users.insertOne({ email: SECRET })
  await users.findOne({ email: SECRET, nested: { deep: [SECRET] } })
  await new Promise((resolve) => memcached.set('key', SECRET, 10, resolve))
}

/** As a request handler does whose framework is instrumented. */
async function passedOn() {
  await trace.getTracer('handler').startActiveSpan('save', async (span) => {
    await mysqlPool.query(`INSERT INTO users VALUES ('${SECRET}')`).catch((error) => {
      span.recordException(error)
      span.setStatus({ code: 2, message: `not saved: ${error.message}` })
    })
    span.end()
  })
}

async function redisCommands() {
  if (REDIS_URL === undefined) return
  const io = new IoRedis(REDIS_URL)
  await io.set('key', SECRET)
  await io.eval('return ARGV[1]', 1, 'key', SECRET)
  await io.multi().sadd('set', SECRET).sismember('set', SECRET).exec()
  await io.call('nosuch', SECRET).catch(ignoreFailure)
  await io.quit()
  const client = await createClient({ url: REDIS_URL }).connect()
  await client.hSet('hash', 'field', SECRET)
  await client.sIsMember('set', SECRET)
  await client.multi().set('key', SECRET).exec()
  await client.close()
}

async function query() {
  const source = `query ($name: String) { # ${SECRET}\n user(email: "${SECRET}", name: $name) }`
  await graphql({ schema, source, variableValues: { name: SECRET } })
}

const asIs = (bytes) => bytes
const ask = {
  path: '/shop.Shop/Ask',
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
}

async function remoteCalls() {
  const remote = new grpc.Server()
  remote.addService({ ask }, { ask: (call, answer) => answer(null, call.request) })
  const port = await new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure()
    remote.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
  })
  const Client = grpc.makeGenericClientConstructor({ ask }, 'Shop')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const metadata = new grpc.Metadata()
  metadata.set('authorization', SECRET)
  await new Promise((resolve) => client.ask(Buffer.from(SECRET), metadata, resolve))
  client.close()
  remote.forceShutdown()
}

/** What the app writes itself is its own word, but where `OBS_REDACT` says otherwise. */
function ownWords() {
  const meter = metrics.getMeter('app')
  const labels = (n) => ({ user: `${SECRET} ${n}`, 'enduser.id': `${SECRET}${n}` })
  const logins = meter.createCounter('logins')
  for (const n of [1, 1, 2]) logins.add(1, labels(n))
  meter.createObservableCounter('seen').addCallback((result) => {
    for (const n of [1, 2]) result.observe(n, labels(n))
  })
  const tracer = trace.getTracer('app')
  const linked = tracer.startSpan('linked')
  linked.end()
  const span = tracer.startSpan(`work for ${SECRET}`, {
    links: [{ context: linked.spanContext(), attributes: { why: SECRET } }],
  })
  span.addEvent('said', { text: SECRET })
  span.end()
}

const server = createServer(async (request, response) => {
  if (request.url.startsWith('/all')) {
    const origin = `http://127.0.0.1:${server.address().port}`
    await calls(origin)
    await databases()
    await passedOn()
    await redisCommands()
    await query()
    await remoteCalls()
    if (process.env.OBS_REDACT !== undefined) ownWords()
  }
  response.setHeader('set-cookie', `sid=${SECRET}`)
  response.end('ok')
})

server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
