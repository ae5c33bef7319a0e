/** Clients of several databases: each operation once where nothing else is said, and some that fail. A request to `/<client>` runs them. */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import genericPool from 'generic-pool'
import { Cluster, Redis } from 'ioredis'
import Memcached from 'memcached'
import { MongoClient } from 'mongodb'
import mysql from 'mysql'
import mysql2 from 'mysql2'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { createClient, createClientPool } from 'redis'
import { Pool as SequelizePool } from 'sequelize-pool'

const { MYSQL_PORT, REDIS_CLUSTER_PORT, MEMCACHED_PORT, MONGODB_PORT, REDIS_URL } = process.env
const called = (start) => new Promise((resolve) => start((error, result) => resolve(error ?? result)))
const server = { host: '127.0.0.1', port: Number(MYSQL_PORT), user: 'root', database: 'mysql' }
const LONG = `SELECT\n\t1\n\t-- ${'x'.repeat(100)}`

const CLIENTS = {
  async mysql() {
    const pool = mysql.createPool({ ...server, connectionLimit: 2 })
    await called((done) => pool.query('SELECT 1 AS one', done))
    await called((done) => pool.query('UPDATE no_such_table SET secret = 1', done))
    const connection = await called((done) => pool.getConnection(done))
    await called((done) => connection.query('SELECT ?', [2], done))
    await new Promise((done) =>
      connection
        .query('SHOW TABLES')
        .on('result', () => {})
        .on('end', done),
    )
    connection.release()
    await called((done) => pool.end(done))
  },
  async mysql2() {
    const pool = mysql2.createPool(server)
    await called((done) => pool.query('SELECT 1', done))
    await called((done) => pool.execute('select ?', [1], done))
    await called((done) => pool.query('DELETE FROM no_such_table', done))
    const connection = await createConnection(server)
    await connection.query('/* a comment */ SELECT 1')
    await connection.end()
    await called((done) => pool.end(done))
  },
  async mongodb() {
    const client = await new MongoClient(`mongodb://127.0.0.1:${MONGODB_PORT}`).connect()
    const items = client.db('test').collection('items')
    await items.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }])
    await items.find({ secret: 1 }).toArray()
    await client
      .db('test')
      .command({ noSuchCommand: 1 })
      .catch(() => {})
    await client.close()
  },
  async ioredis() {
    const redis = new Redis(REDIS_URL)
    await redis.set('a', 'secret')
    await redis.pipeline().get('a').incr('a').exec()
    await redis.multi().get('a').exec()
    await redis.lpush('a', 1).catch(() => {})
    await redis.call(`secret${'x'.repeat(100)}`).catch(() => {})
    await redis.quit()
  },
  async redis() {
    const redis = await createClient({ url: REDIS_URL }).connect()
    await redis.set('b', 'secret')
    await redis.get('b')
    await redis.multi().get('b').set('b', 'x').exec()
    await redis.lPush('b', '1').catch(() => {})
    await redis.close()
  },
  async memcached() {
    const memcached = new Memcached(`127.0.0.1:${MEMCACHED_PORT}`)
    await called((done) => memcached.set('k', 'secret', 10, done))
    await called((done) => memcached.get('k', done))
    await called((done) => memcached.incr('no number', 1, done))
    memcached.end()
  },
  async pg() {
    const pool = new pg.Pool()
    await pool.query('SELECT 1')
    await pool.query(LONG)
    await pool.query("select'secret'")
    await pool.query('SELECT * FROM no_such_table').catch(() => {})
    await pool.end()
  },
}

// Pools that stay: each with three connections, of which two are used, and one caller that waits.
const POOLS = {
  async pg() {
    const pool = new pg.Pool({ max: 3 })
    await hold((done) => pool.connect(done))
  },
  async mysql() {
    const pool = mysql.createPool({ ...server, connectionLimit: 3 })
    await hold((done) => pool.getConnection(done))
  },
  async mysql2() {
    const pool = mysql2.createPool({ ...server, connectionLimit: 3 })
    await hold((done) => pool.getConnection(done))
  },
  async mongodb() {
    const client = await new MongoClient(`mongodb://127.0.0.1:${MONGODB_PORT}`, { maxPoolSize: 3 }).connect()
    await Promise.all([1, 2].map((n) => client.db('test').collection('items').insertOne({ n })))
  },
  async redis() {
    const pool = await createClientPool({ url: REDIS_URL }, { minimum: 2, maximum: 3 }).connect()
    await pool.set('c', '1')
  },
  async ioredis() {
    const node = { host: '127.0.0.1', port: Number(REDIS_CLUSTER_PORT) }
    const redis = new Redis(node)
    await redis.cluster('ADDSLOTSRANGE', 0, 16_383)
    while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) await sleep(50)
    await redis.quit()
    const cluster = new Cluster([node])
    await cluster.set('c', '1')
    void cluster.blpop('nothing', 0)
  },
  async 'generic-pool'() {
    const pool = genericPool.createPool({ create: async () => ({}), destroy: async () => {} }, { max: 3 })
    await hold(async (done) => done(undefined, releasing(pool, await pool.acquire())))
  },
  async 'sequelize-pool'() {
    const pool = new SequelizePool({ ...SEQUELIZE, create: async () => ({}) })
    await hold(async (done) => done(undefined, releasing(pool, await pool.acquire())))
  },
}

const HOUR_MS = 3_600_000
const SEQUELIZE = {
  name: 'sequelize',
  max: 3,
  min: 0,
  acquireTimeoutMillis: HOUR_MS,
  idleTimeoutMillis: HOUR_MS,
  reapIntervalMillis: HOUR_MS,
  validate: () => true,
  destroy: () => {},
}

const releasing = (pool, resource) => ({ release: () => pool.release(resource) })

async function hold(getConnection) {
  const [, , third] = await Promise.all([1, 2, 3].map(() => called(getConnection)))
  third.release()
  // Of the four, two are given connections, one of which is the third.
  await called(getConnection)
  void called(getConnection)
}

// Outside of any request.
if (process.argv[2] !== undefined) await CLIENTS[process.argv[2]]()

const app = createServer(async (request, response) => {
  try {
    const [, name, isPool] = request.url.split('/')
    await (isPool === 'pool' ? POOLS : CLIENTS)[name]()
    response.end('done')
  } catch (error) {
    response.writeHead(500).end(String(error.stack))
  }
})
app.listen(0, '127.0.0.1', () => console.log(`listening ${app.address().port}`))
