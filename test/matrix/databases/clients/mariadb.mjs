import { called, failing, finished } from '../support.mjs'
import { errors, NOPE, prepared, SELECT, STATEMENT, transaction, unprepared } from '../mysql-steps.mjs'

export const service = 'mariadb'
export const attributes = { 'db.system.name': 'mariadb', 'db.namespace': 'mysql' }
export const metrics = ['db_client_connection_count', 'db_client_connection_pending_requests']
export const beside = /^mariadb\.connect$/

export async function setUp(load, env) {
  const mariadb = (await load('mariadb')).default
  const callbacks = (await load('mariadb/callback').catch(() => load('mariadb/callback.js'))).default
  const server = { host: '127.0.0.1', port: Number(env.MYSQL_PORT), user: 'root', database: 'mysql' }
  const pool = mariadb.createPool({ ...server, connectionLimit: 1 })
  await pool.query('CREATE TABLE IF NOT EXISTS matrix (id int primary key, text text)')
  const plain = callbacks.createPool(`mariadb://root@127.0.0.1:${server.port}/mysql?connectionLimit=1`)
  return { mariadb, callbacks, server, pool, plain }
}


export const steps = {
  promise: {
    async run({ pool }, mark) {
      await pool.query('SELECT ?', ['secret'])
      mark('after query')
      await pool.execute('SELECT ?', ['secret'])
      mark('after execute')
      await pool.batch('INSERT INTO matrix VALUES (?, ?)', [[1, 'secret'], [2, 'secret']])
      await pool.query(Object.freeze({ sql: 'DELETE FROM matrix' }))
    },
    spans: [SELECT, SELECT, { name: 'BATCH INSERT mysql', attributes: { 'db.operation.batch.size': 2 } }, { name: 'DELETE mysql' }],
  },
  callback: {
    async run({ plain }, mark) {
      for (const method of ['query', 'execute'])
        await called((done) => plain[method]('SELECT ?', ['secret'], (...all) => (mark(method), done(...all))))
      const connection = await called((done) => plain.getConnection((...all) => (mark('connected'), done(...all))))
      await called((done) => connection.query('SELECT ?', ['secret'], (...all) => (mark('connection'), done(...all))))
      await called((done) => connection.beginTransaction((...all) => (mark('begun'), done(...all))))
      await called((done) => connection.commit(done))
      await called((done) => connection.query('SELECT 1').on('data', () => mark('in a row')).on('error', done).on('end', done))
      await called((done) => connection.end(done))
    },
    spans: [SELECT, SELECT, SELECT, { name: 'START mysql' }, { name: 'COMMIT mysql' }, { name: 'SELECT mysql' }],
  },
  streams: {
    async run({ pool }, mark) {
      const connection = await pool.getConnection()
      for await (const row of connection.queryStream('SELECT seq FROM seq_1_to_5')) void row
      mark('after the stream')
      await failing(finished(connection.queryStream(STATEMENT).resume()))
      await connection.release()
    },
    spans: [{ name: 'SELECT mysql' }, NOPE],
  },
  prepared,
  'a statement that cannot be prepared': unprepared,
  errors,
  transaction,
  'waiting for the pool': {
    async run({ pool }, mark) {
      const connection = await pool.getConnection()
      const waiting = [pool.query('SELECT 1'), pool.query('SELECT 1').then(() => mark('waited'))]
      await connection.release()
      await Promise.all(waiting)
      mark('after')
    },
    spans: [{ name: 'SELECT mysql' }, { name: 'SELECT mysql' }],
  },
  cluster: {
    async run({ mariadb, server }, mark) {
      const cluster = mariadb.createPoolCluster()
      cluster.add('a', { ...server, connectionLimit: 1 })
      const connection = await cluster.getConnection('a')
      await connection.query('SELECT ?', ['secret'])
      mark('after')
      await connection.release()
      await cluster.end()
    },
    spans: [SELECT],
  },
  refused: {
    async run({ mariadb, server }) {
      const pool = mariadb.createPool({ ...server, port: 1, acquireTimeout: 1000, initializationTimeout: 100 })
      await failing(pool.query('SELECT 1'))
      await pool.end()
      await failing(mariadb.createConnection({ ...server, port: 1 }))
    },
    server: 1,
    spans: [{ name: 'SELECT mysql', error: 'ECONNREFUSED|ER_GET_CONNECTION_TIMEOUT' }],
  },
}
