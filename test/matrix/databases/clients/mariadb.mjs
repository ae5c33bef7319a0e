import { called, elsewhere, failing, finished } from '../support.mjs'
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
      const connection = await elsewhere(() => pool.getConnection())
      const waiting = [pool.query('SELECT 1'), pool.query('SELECT 1').then(() => mark('waited'))]
      await elsewhere(() => connection.release())
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
  'a stream that its reader leaves': {
    async run({ pool }, mark) {
      const connection = await pool.getConnection()
      for await (const _ of connection.queryStream('SELECT seq FROM seq_1_to_5')) break
      mark('after a break')
      connection.queryStream('SELECT seq FROM seq_1_to_5').destroy()
      await failing(finished(connection.queryStream('SELECT seq FROM seq_1_to_5').resume().destroy(new Error('secret'))))
      await connection.release()
    },
    spans: [{ name: 'SELECT mysql' }, { name: 'SELECT mysql' }, { name: 'SELECT mysql', error: 'Error' }],
  },
  'a cluster without a node': {
    async run({ mariadb, server }, mark) {
      const cluster = mariadb.createPoolCluster({ removeNodeErrorCount: 1, canRetry: false })
      await failing(cluster.of('^').query('SELECT ?', ['secret']))
      mark('after a rejection')
      cluster.add('a', { ...server, port: 1, acquireTimeout: 100, initializationTimeout: 50 })
      await failing(cluster.of(/a/).execute('SELECT ?', ['secret']))
      await failing(cluster.of(/a/).batch('INSERT INTO matrix VALUES (?, ?)', [[1, 'secret']]))
      await cluster.end()
    },
    attributes: { 'db.system.name': 'mariadb' },
    server: null,
    spans: [
      { name: 'SELECT', error: 'Error' },
      { name: 'SELECT', error: 'ER_GET_CONNECTION_TIMEOUT|Error|ECONNREFUSED' },
      { name: 'INSERT', error: 'Error' },
    ],
  },
  'a cluster with callbacks': {
    // It does not work in mariadb 3.0.
    isNew: true,
    async run({ callbacks, server }, mark) {
      const cluster = callbacks.createPoolCluster()
      cluster.add('a', { ...server, connectionLimit: 1 })
      await called((done) => cluster.of('a').query('SELECT ?', ['secret'], (...all) => (mark('of'), done(...all))))
      await failing(called((done) => cluster.of('a').query(STATEMENT, done)))
      const connection = await called((done) => cluster.getConnection('a', (...all) => (mark('connected'), done(...all))))
      await called((done) => connection.query('SELECT ?', ['secret'], (...all) => (mark('connection'), done(...all))))
      await called((done) => connection.end(done))
      await called((done) => cluster.end(done))
    },
    spans: [SELECT, NOPE, SELECT],
  },
  'a cluster with callbacks without a node': {
    isNew: true,
    async run({ callbacks }, mark) {
      const cluster = callbacks.createPoolCluster()
      await failing(called((done) => cluster.of('a').query('SELECT ?', ['secret'], (...all) => (mark('of'), done(...all)))))
    },
    attributes: { 'db.system.name': 'mariadb' },
    server: null,
    spans: [{ name: 'SELECT', error: 'Error' }],
  },
  'a pool without a free connection': {
    async run({ mariadb, callbacks, server }) {
      const pool = mariadb.createPool({ ...server, connectionLimit: 1, acquireTimeout: 1000 })
      const connection = await pool.getConnection()
      await Promise.all(['query', 'execute'].map((method) => failing(pool[method]('SELECT ?', ['secret']))))
      await connection.release()
      await pool.end()
      await failing(pool.query('SELECT ?', ['secret']))
      const plain = callbacks.createPool({ ...server, connectionLimit: 1 })
      await called((done) => plain.end(done))
      await failing(called((done) => plain.query('SELECT ?', ['secret'], done)))
    },
    spans: ['ER_GET_CONNECTION_TIMEOUT', 'ER_GET_CONNECTION_TIMEOUT', 'ER_POOL_ALREADY_CLOSED', 'ER_POOL_ALREADY_CLOSED'].map(
      (error) => ({ ...SELECT, error }),
    ),
  },
  'a lost connection': {
    async run({ mariadb, server, pool }) {
      const connection = await mariadb.createConnection(server)
      const lost = failing(connection.query('SELECT SLEEP(10)'))
      await pool.query(`KILL ${connection.threadId}`)
      await lost
      await failing(connection.query('SELECT 1'))
    },
    spans: [
      { name: 'KILL mysql' },
      { name: 'SELECT mysql', error: 'ER_SOCKET_UNEXPECTED_CLOSE|ER_CONNECTION_KILLED' },
      { name: 'SELECT mysql', error: 'ER_CMD_CONNECTION_CLOSED' },
    ],
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
