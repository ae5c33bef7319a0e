import { called, elsewhere, failing, finished } from '../support.mjs'

export const service = 'postgres'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }

/** The pool opens another connection after some errors. */
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  const pg = (await load('pg')).default
  const Cursor = (await load('pg-cursor')).default
  const QueryStream = (await load('pg-query-stream')).default
  const { from, to } = (await load('pg-copy-streams')).default
  const pool = new pg.Pool({ max: 1 })
  await pool.query('CREATE TABLE IF NOT EXISTS matrix (id int primary key, text text)')
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = env
  return { pg, pool, Cursor, QueryStream, from, to, url: `postgres://${PGUSER}:secret@${PGHOST}:${PGPORT}/${PGDATABASE}` }
}

const NOPE = { name: 'SELECT postgres', error: '42P01', status: '42P01' }
const SELECT = { name: 'SELECT postgres', text: 'SELECT $1::text' }

export const steps = {
  promise: {
    async run({ pool }, mark) {
      await pool.query('SELECT $1::text', ['secret'])
      mark('after await')
    },
    spans: [SELECT],
  },
  callback: {
    async run({ pool }, mark) {
      await called((done) =>
        pool.query('SELECT $1::text', ['secret'], (error, result) => {
          mark('in the callback')
          done(error, result)
        }),
      )
    },
    spans: [SELECT],
  },
  'client by promise, callback and object': {
    async run({ pool }, mark) {
      const client = await pool.connect()
      mark('after connect')
      const frozen = Object.freeze({ text: 'SELECT $1::text', values: Object.freeze(['secret']) })
      await client.query(frozen)
      await called((done) => client.query({ text: 'SELECT $1::text', values: ['secret'], callback: done }))
      await called((done) => client.query({ text: 'SELECT $1::text', values: ['secret'] }, done))
      client.release()
    },
    spans: [SELECT, SELECT, SELECT],
  },
  errors: {
    async run({ pool }, mark) {
      const client = await pool.connect()
      await failing(client.query("SELECT 'secret' FROM nope"))
      mark('after a rejection')
      await failing(called((done) => client.query("SELECT 'secret' FROM nope", done)))
      client.release()
      await failing(pool.query("SELECT 'secret' FROM nope"))
      await failing(called((done) => pool.query("SELECT 'secret' FROM nope", done)))
    },
    spans: [NOPE, NOPE, NOPE, NOPE],
  },
  transaction: {
    async run({ pool }) {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query("INSERT INTO matrix VALUES (1, 'secret') ON CONFLICT DO NOTHING")
      await failing(client.query("INSERT INTO matrix VALUES (1, 'secret')"))
      await client.query('ROLLBACK')
      client.release()
    },
    spans: [
      { name: 'BEGIN postgres' },
      { name: 'INSERT postgres' },
      { name: 'INSERT postgres', error: '23505', status: '23505' },
      { name: 'ROLLBACK postgres' },
    ],
  },
  'waiting for the pool': {
    async run({ pool }, mark) {
      const client = await elsewhere(() => pool.connect())
      const waiting = [pool.query('SELECT 1'), called((done) => pool.query('SELECT 1', (...all) => (mark('waited'), done(...all))))]
      elsewhere(() => client.release())
      await Promise.all(waiting)
    },
    spans: [{ name: 'SELECT postgres' }, { name: 'SELECT postgres' }],
  },
  cursor: {
    async run({ pool, Cursor }, mark) {
      const client = await pool.connect()
      const cursor = client.query(new Cursor('SELECT generate_series(1, 5)'))
      await cursor.read(2)
      mark('after a read')
      await cursor.close()
      const failed = client.query(new Cursor("SELECT 'secret' FROM nope"))
      await failing(failed.read(1))
      client.release()
    },
    spans: [{ name: 'SELECT postgres', text: 'SELECT generate_series(?, ?)' }, NOPE],
  },
  stream: {
    async run({ pool, QueryStream }, mark) {
      const client = await pool.connect()
      for await (const row of client.query(new QueryStream('SELECT generate_series(1, 5)'))) void row
      mark('after the stream')
      await failing(finished(client.query(new QueryStream("SELECT 'secret' FROM nope")).resume()))
      client.release()
    },
    spans: [{ name: 'SELECT postgres', text: 'SELECT generate_series(?, ?)' }, NOPE],
  },
  copy: {
    async run({ pool, from, to }) {
      const client = await pool.connect()
      const into = client.query(from('COPY matrix FROM STDIN'))
      into.end('2\tsecret\n')
      await finished(into)
      await finished(client.query(to('COPY matrix TO STDOUT')).resume())
      await client.query('DELETE FROM matrix')
      client.release()
    },
    spans: [{ name: 'COPY postgres' }, { name: 'COPY postgres' }, { name: 'DELETE postgres' }],
  },
  'new Query()': {
    async run({ pg, pool }, mark) {
      const client = await pool.connect()
      await called((done) =>
        client
          .query(new pg.Query('SELECT 1'))
          .on('error', done)
          .on('end', () => {
            mark('at its end')
            done()
          }),
      )
      await failing(called((done) => client.query(new pg.Query("SELECT 'secret' FROM nope")).on('error', done)))
      client.release()
    },
    spans: [{ name: 'SELECT postgres' }, NOPE],
  },
  'a cursor that fails later, is closed and is used by itself': {
    async run({ pool, Cursor, QueryStream }, mark) {
      const client = await pool.connect()
      const failed = client.query(new Cursor('SELECT 1 / (3 - n) FROM generate_series(1, 5) n'))
      await failed.read(1)
      await failing(failed.read(10))
      const cursor = new Cursor('SELECT generate_series(1, 5)')
      client.query(cursor)
      for (let rows = await cursor.read(2); rows.length > 0; ) rows = await cursor.read(2)
      mark('after the cursor')
      for await (const _ of client.query(new QueryStream('SELECT generate_series(1, 5000)'))) break
      await client.query('SELECT 1')
      client.release()
    },
    spans: [
      { name: 'SELECT postgres', error: '22012', status: '22012' },
      ...Array.from({ length: 3 }, () => ({ name: 'SELECT postgres' })),
    ],
  },
  'a copy that fails': {
    async run({ pool, from, to }) {
      const client = await pool.connect()
      await failing(finished(client.query(to('COPY nope TO STDOUT')).resume()))
      const into = client.query(from('COPY matrix FROM STDIN'))
      into.end('no number\tsecret\n')
      await failing(finished(into))
      client.release()
    },
    spans: [{ name: 'COPY postgres', error: '42P01', status: '42P01' }, { name: 'COPY postgres', error: '22P02', status: '22P02' }],
  },
  'a pool and a client that are closed or lost': {
    async run({ pg, pool, url }) {
      const small = new pg.Pool({ max: 1, connectionTimeoutMillis: 500 })
      small.on('error', () => {})
      const held = await small.connect()
      await Promise.all([failing(small.query('SELECT 1')), failing(called((done) => small.query('SELECT 1', done)))])
      held.release()
      await small.end()
      await failing(small.query('SELECT 1'))
      const unused = new pg.Pool({ connectionString: url })
      await unused.end()
      await failing(unused.query('SELECT 1'))
      const client = new pg.Client()
      client.on('error', () => {})
      await client.connect()
      const lost = failing(client.query('SELECT pg_sleep(20)'))
      await pool.query(`SELECT pg_terminate_backend(${client.processID})`)
      await lost
      await failing(client.query('SELECT 1'))
      await failing(called((done) => client.query('SELECT 1', done)))
      const slow = new pg.Client({ query_timeout: 50 })
      await slow.connect()
      await failing(slow.query('SELECT pg_sleep(1)'))
      await slow.end()
    },
    spans: [
      { name: 'SELECT postgres' },
      { name: 'SELECT postgres', error: '57P01', status: '57P01' },
      // The lost socket may be noticed by the next query.
      ...Array.from({ length: 7 }, () => ({ name: 'SELECT postgres', error: 'Error|ECONNRESET|EPIPE' })),
    ],
  },
  refused: {
    async run({ pg }) {
      const pool = new pg.Pool({ port: 1 })
      await failing(pool.query('SELECT 1'))
      await failing(called((done) => pool.query('SELECT 1', done)))
      await failing(pool.connect())
    },
    server: 1,
    spans: [
      { name: 'SELECT postgres', error: 'ECONNREFUSED' },
      { name: 'SELECT postgres', error: 'ECONNREFUSED' },
    ],
  },
}
