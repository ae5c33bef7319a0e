/** What clients of MySQL's protocol have in common: their promises, pools and statements have the same methods. */
import { called, failing } from './support.mjs'

export const SELECT = { name: 'SELECT mysql', text: 'SELECT ?' }
export const NOPE = { name: 'SELECT mysql', error: 'ER_NO_SUCH_TABLE', status: '1146' }
export const STATEMENT = "SELECT 'secret' FROM nope"

export const prepared = {
  async run({ pool }, mark) {
    const connection = await pool.getConnection()
    const statement = await connection.prepare('SELECT ?')
    await statement.execute(['secret'])
    await statement.execute(['secret'])
    mark('after execute')
    await statement.close()
    await connection.release()
  },
  spans: [SELECT, SELECT],
}

export const errors = {
  async run({ pool, plain }, mark) {
    await failing(pool.query(STATEMENT))
    mark('after a rejection')
    await failing(pool.execute(STATEMENT))
    await failing(called((done) => plain.query(STATEMENT, done)))
    await failing(called((done) => plain.execute(STATEMENT, done)))
  },
  spans: [NOPE, NOPE, NOPE, NOPE],
}

export const transaction = {
  async run({ pool }) {
    const connection = await pool.getConnection()
    await connection.beginTransaction()
    await failing(connection.query(STATEMENT))
    await connection.rollback()
    await connection.release()
  },
  spans: [{ name: 'START mysql' }, NOPE, { name: 'ROLLBACK mysql' }],
}

export const clusterWithoutServer = {
  async run({ clusterOf, server }, mark) {
    const cluster = clusterOf()
    await failing(called((done) => cluster.of('*').query('SELECT 1', (...all) => (mark('in a callback'), done(...all)))))
    cluster.add('a', { ...server, port: 1 })
    await failing(called((done) => cluster.of('*').query('SELECT 1', done)))
  },
  server: null,
  attributes: { 'db.system.name': 'mysql' },
  spans: [{ name: 'SELECT', error: 'POOL_NOEXIST' }, { name: 'SELECT mysql', error: 'ECONNREFUSED' }],
}

/** The cluster asks the first one some times, which is no failure of the statement. */
export const clusterWithAnother = {
  async run({ clusterOf, server }, mark) {
    const cluster = clusterOf()
    cluster.add('a', { ...server, port: 1 })
    cluster.add('b', server)
    await called((done) => cluster.of('*', 'ORDER').query('SELECT 1', (...all) => (mark('in a callback'), done(...all))))
    await called((done) => cluster.end(done))
  },
  spans: [{ name: 'SELECT mysql' }],
}

export const unprepared = {
  async run({ pool }, mark) {
    const connection = await pool.getConnection()
    await failing(connection.prepare(STATEMENT))
    mark('after a rejection')
    await connection.release()
  },
  spans: [NOPE],
}
