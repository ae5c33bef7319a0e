import { called, elsewhere, failing } from '../support.mjs'
import { clusterWithAnother, clusterWithoutServer, NOPE, SELECT, STATEMENT } from '../mysql-steps.mjs'

export const service = 'mariadb'
export const attributes = { 'db.system.name': 'mysql', 'db.namespace': 'mysql' }

export async function setUp(load, env) {
  const mysql = (await load('mysql')).default
  const server = { host: '127.0.0.1', port: Number(env.MYSQL_PORT), user: 'root', database: 'mysql' }
  const pool = mysql.createPool({ ...server, connectionLimit: 1 })
  await called((done) => pool.query('SELECT 1', done))
  return { mysql, server, pool, clusterOf: () => mysql.createPoolCluster() }
}

const ONE = { name: 'SELECT mysql' }

export const steps = {
  callback: {
    async run({ mysql, server, pool }, mark) {
      await called((done) => pool.query('SELECT ?', ['secret'], (...all) => (mark('of the pool'), done(...all))))
      const connection = mysql.createConnection(server)
      await called((done) => connection.query({ sql: 'SELECT ?', values: ['secret'] }, (...all) => (mark('of a connection'), done(...all))))
      await called((done) => connection.end(done))
    },
    spans: [SELECT, SELECT],
  },
  events: {
    async run({ pool }, mark) {
      const connection = await called((done) => pool.getConnection(done))
      mark('with a connection')
      await called((done) =>
        connection
          .query('SELECT 1')
          .on('result', () => mark('in a row'))
          .on('error', done)
          .on('end', () => (mark('at the end'), done())),
      )
      await called((done) =>
        connection
          .query('SELECT 1')
          .stream()
          .on('data', () => mark('in a chunk'))
          .on('error', done)
          .on('end', () => (mark('after a stream'), done())),
      )
      await failing(called((done) => connection.query(STATEMENT).on('error', done)))
      connection.release()
    },
    spans: [ONE, ONE, NOPE],
  },
  errors: {
    async run({ pool }, mark) {
      await failing(called((done) => pool.query(STATEMENT, (...all) => (mark('in a callback'), done(...all)))))
    },
    spans: [NOPE],
  },
  transaction: {
    async run({ pool }, mark) {
      const connection = await called((done) => pool.getConnection(done))
      await called((done) => connection.beginTransaction(done))
      await failing(called((done) => connection.query(STATEMENT, done)))
      await called((done) => connection.rollback(done))
      mark('after')
      connection.release()
    },
    spans: [{ name: 'START mysql' }, NOPE, { name: 'ROLLBACK mysql' }],
  },
  'waiting for the pool': {
    async run({ pool }, mark) {
      const connection = await elsewhere(() => called((done) => pool.getConnection(done)))
      const waiting = [1, 2].map((n) => called((done) => pool.query('SELECT 1', (...all) => (mark(`waited ${n}`), done(...all)))))
      elsewhere(() => connection.release())
      await Promise.all(waiting)
    },
    spans: [ONE, ONE],
  },
  cluster: {
    async run({ mysql, server }, mark) {
      const cluster = mysql.createPoolCluster()
      cluster.add('a', { ...server, connectionLimit: 1 })
      await Promise.all(
        [1, 2].map((n) => called((done) => cluster.of('*').query('SELECT ?', [n], (...all) => (mark(`query ${n}`), done(...all))))),
      )
      await Promise.all(
        [3, 4].map((n) =>
          called((done) =>
            cluster.getConnection((error, connection) => {
              mark(`connection ${n}`)
              if (error) return done(error)
              connection.query('SELECT 1', (...all) => {
                mark(`its query ${n}`)
                connection.release()
                done(...all)
              })
            }),
          ),
        ),
      )
      await called((done) => cluster.end(done))
    },
    spans: [SELECT, SELECT, ONE, ONE],
  },
  'a cluster without a server': clusterWithoutServer,
  'a cluster with another server': clusterWithAnother,
  'a pool without a free connection': {
    async run({ mysql, server }) {
      const pool = mysql.createPool({ ...server, connectionLimit: 1, waitForConnections: false })
      const connection = await called((done) => pool.getConnection(done))
      await failing(called((done) => pool.query('SELECT ?', ['secret'], done)))
      connection.release()
      await called((done) => pool.end(done))
      await failing(called((done) => pool.query('SELECT ?', ['secret'], done)))
    },
    server: null,
    attributes: { 'db.system.name': 'mysql' },
    spans: ['POOL_CONNLIMIT', 'POOL_CLOSED'].map((error) => ({ name: 'SELECT mysql', text: 'SELECT ?', error })),
  },
  'a lost connection': {
    async run({ mysql, pool, server }) {
      const connection = mysql.createConnection(server)
      connection.on('error', () => {})
      await called((done) => connection.connect(done))
      const lost = failing(called((done) => connection.query('SELECT SLEEP(10)', done)))
      await called((done) => pool.query(`KILL ${connection.threadId}`, done))
      await lost
      await failing(called((done) => connection.query('SELECT 1', done)))
      const slow = mysql.createConnection(server)
      await failing(called((done) => slow.query({ sql: 'SELECT SLEEP(1)', timeout: 50 }, done)))
      slow.destroy()
      const [, fields] = await new Promise((resolve, reject) =>
        pool.query('SELECT 1 AS one', (error, rows, given) => (error ? reject(error) : resolve([rows, given]))),
      )
      if (fields[0].name !== 'one') throw new Error('no fields')
    },
    spans: [
      { name: 'KILL mysql' },
      { name: 'SELECT mysql', error: 'PROTOCOL_CONNECTION_LOST' },
      { name: 'SELECT mysql', error: 'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR' },
      { name: 'SELECT mysql', error: 'PROTOCOL_SEQUENCE_TIMEOUT' },
      { name: 'SELECT mysql' },
    ],
  },
  refused: {
    async run({ mysql, server }) {
      const there = { ...server, port: 1 }
      await failing(called((done) => mysql.createPool(there).query('SELECT 1', done)))
      await failing(called((done) => mysql.createConnection(there).query('SELECT 1', done)))
      const cluster = mysql.createPoolCluster({ canRetry: false })
      cluster.add('a', there)
      await failing(called((done) => cluster.of('*').query('SELECT 1', done)))
    },
    server: 1,
    spans: [1, 2, 3].map(() => ({ name: 'SELECT mysql', error: 'ECONNREFUSED' })),
  },
}
