import { called, elsewhere, failing } from '../support.mjs'
import { clusterWithAnother, clusterWithoutServer, errors, NOPE, prepared, SELECT, STATEMENT, transaction, unprepared } from '../mysql-steps.mjs'

export const service = 'mariadb'
export const attributes = { 'db.system.name': 'mysql', 'db.namespace': 'mysql' }

export const beside = /^mysql\.connect$/

export async function setUp(load, env) {
  const callbacks = (await load('mysql2')).default
  const promises = (await load('mysql2/promise').catch(() => load('mysql2/promise.js'))).default
  const server = { host: '127.0.0.1', port: Number(env.MYSQL_PORT), user: 'root', database: 'mysql' }
  const pool = promises.createPool({ ...server, connectionLimit: 1 })
  await pool.query('SELECT 1')
  const clusterOf = () => callbacks.createPoolCluster()
  return { callbacks, promises, server, pool, plain: pool.pool, clusterOf }
}


export const steps = {
  promise: {
    async run({ pool }, mark) {
      await pool.query('SELECT ?', ['secret'])
      mark('after query')
      await pool.execute('SELECT ?', ['secret'])
      mark('after execute')
    },
    spans: [SELECT, SELECT],
  },
  callback: {
    async run({ plain }, mark) {
      for (const method of ['query', 'execute'])
        await called((done) => plain[method]('SELECT ?', ['secret'], (...all) => (mark(method), done(...all))))
    },
    spans: [SELECT, SELECT],
  },
  events: {
    async run({ plain }, mark) {
      const connection = await called((done) => plain.getConnection(done))
      mark('with a connection')
      await called((done) =>
        connection
          .query('SELECT 1')
          .on('result', () => mark('in a row'))
          .on('error', done)
          .on('end', () => (mark('at the end'), done())),
      )
      await failing(called((done) => connection.query(STATEMENT).on('error', done)))
      connection.release()
    },
    spans: [{ name: 'SELECT mysql' }, NOPE],
  },
  'a stream of rows': {
    // That of mysql2 2.0 closes before its end.
    isNew: true,
    async run({ plain }, mark) {
      const connection = await called((done) => plain.getConnection(done))
      for await (const row of connection.query('SELECT 1').stream()) void row
      mark('after')
      connection.release()
    },
    spans: [{ name: 'SELECT mysql' }],
  },
  prepared,
  errors,
  transaction,
  'waiting for the pool': {
    async run({ pool, plain }, mark) {
      const connection = await elsewhere(() => pool.getConnection())
      const waiting = [
        pool.query('SELECT 1'),
        called((done) => plain.query('SELECT 1', (...all) => (mark('waited'), done(...all)))),
      ]
      elsewhere(() => connection.release())
      await Promise.all(waiting)
      mark('after')
    },
    spans: [{ name: 'SELECT mysql' }, { name: 'SELECT mysql' }],
  },
  cluster: {
    // In mysql2 2.0 the parts of a cluster have no `query`.
    isNew: true,
    async run({ callbacks, server }, mark) {
      const cluster = callbacks.createPoolCluster()
      cluster.add('a', { ...server, connectionLimit: 1 })
      await Promise.all(
        [1, 2].map((n) => called((done) => cluster.of('*').query('SELECT ?', [n], (...all) => (mark(`query ${n}`), done(...all))))),
      )
      await called((done) => cluster.end(done))
    },
    spans: [SELECT, SELECT],
  },
  'a statement that cannot be prepared': unprepared,
  'a value that cannot be sent': {
    // mysql2 2.0 ends the process with it.
    isNew: true,
    async run({ pool }, mark) {
      await failing(pool.execute('SELECT ?', [undefined]))
      mark('after a rejection')
    },
    spans: [{ name: 'SELECT mysql', error: 'TypeError' }],
  },
  'a cluster without a server': { ...clusterWithoutServer, isNew: true },
  'a cluster with another server': { ...clusterWithAnother, isNew: true },
  'a pool without a free connection': {
    async run({ promises, server }) {
      const pool = promises.createPool({ ...server, connectionLimit: 1, waitForConnections: false })
      const connection = await pool.getConnection()
      await failing(pool.query('SELECT ?', ['secret']))
      await failing(pool.execute('SELECT ?', ['secret']))
      connection.release()
      await pool.end()
      await failing(pool.query('SELECT ?', ['secret']))
    },
    spans: [SELECT, SELECT, SELECT].map((span) => ({ ...span, error: 'Error' })),
  },
  'a lost connection': {
    isNew: true,
    async run({ pool, server, promises }) {
      const connection = await promises.createConnection(server)
      connection.on('error', () => {})
      const lost = failing(connection.query('SELECT SLEEP(10)'))
      await pool.query(`KILL ${connection.threadId}`)
      await lost
      await failing(connection.query('SELECT ?', ['secret']))
      const slow = await promises.createConnection(server)
      await failing(slow.query({ sql: 'SELECT SLEEP(1)', timeout: 50 }))
      slow.destroy()
    },
    spans: [
      { name: 'KILL mysql' },
      { name: 'SELECT mysql', error: 'PROTOCOL_CONNECTION_LOST' },
      { name: 'SELECT mysql', error: 'Error|PROTOCOL_CONNECTION_LOST' },
      { name: 'SELECT mysql', error: 'PROTOCOL_SEQUENCE_TIMEOUT' },
    ],
  },
  'a stream that its reader leaves': {
    isNew: true,
    async run({ plain }, mark) {
      const connection = await called((done) => plain.getConnection(done))
      for await (const _ of connection.query('SELECT seq FROM seq_1_to_5').stream()) break
      mark('after a break')
      await called((done) => connection.query('SELECT 1', done))
      connection.release()
    },
    spans: [{ name: 'SELECT mysql' }, { name: 'SELECT mysql' }],
  },
  refused: {
    async run({ callbacks, promises, server }) {
      const pool = promises.createPool({ ...server, port: 1 })
      await failing(pool.query('SELECT 1'))
      await failing(pool.execute('SELECT 1'))
      await failing(called((done) => callbacks.createConnection({ ...server, port: 1 }).query('SELECT 1', done)))
      await failing(promises.createConnection({ ...server, port: 1 }))
    },
    server: 1,
    spans: [1, 2, 3].map(() => ({ name: 'SELECT mysql', error: 'ECONNREFUSED' })),
  },
}
