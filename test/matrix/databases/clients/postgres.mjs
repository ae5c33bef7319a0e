import { elsewhere, failing } from '../support.mjs'

export const service = 'postgres'
/** It holds the connection, outside of the request. */
export const beside = /^EXPLAIN/
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }

export async function setUp(load) {
  const postgres = (await load('postgres')).default
  const sql = postgres({ max: 1, onnotice() {} })
  await sql`SELECT 1`
  return { postgres, sql }
}

const SELECT = { name: 'SELECT postgres', text: 'SELECT $1::text' }
const NOPE = { name: 'SELECT postgres', error: '42P01', status: '42P01' }

export const steps = {
  promise: {
    async run({ sql }, mark) {
      await sql`SELECT ${'secret'}::text`
      mark('after await')
      await sql.unsafe('SELECT $1::text', ['secret'])
    },
    spans: [SELECT, SELECT],
  },
  laziness: {
    async run({ sql }) {
      const query = sql`SELECT ${'secret'}::text`
      const fragment = sql`WHERE ${true}`
      await sql`SELECT 1 ${fragment}`
      if (query.executed || fragment.executed) throw new Error('a query was sent that nobody waits for')
    },
    spans: [{ name: 'SELECT postgres', text: 'SELECT ? WHERE $1' }],
  },
  'forEach and cursor': {
    async run({ sql }, mark) {
      await sql`SELECT generate_series(1, 3)`.forEach(() => mark('in a row'))
      for await (const rows of sql`SELECT generate_series(1, 3)`.cursor(2)) void rows
      mark('after the cursor')
    },
    spans: [{ name: 'SELECT postgres' }, { name: 'SELECT postgres' }],
  },
  transaction: {
    async run({ sql }, mark) {
      await failing(
        sql.begin(async (inside) => {
          mark('inside')
          await inside`SELECT 'secret' FROM nope`
        }),
      )
      mark('after')
    },
    spans: [{ name: 'BEGIN postgres' }, NOPE, { name: 'ROLLBACK postgres' }],
  },
  'waiting for the pool': {
    async run({ sql }, mark) {
      const held = elsewhere(() => sql`EXPLAIN ANALYZE SELECT pg_sleep(0.05)`.execute())
      await Promise.all([1, 2].map((n) => sql`SELECT ${n}::int`.then(() => mark(`query ${n}`))))
      await held
    },
    spans: [{ name: 'SELECT postgres' }, { name: 'SELECT postgres' }],
  },
  errors: {
    async run({ sql }) {
      await failing(sql`SELECT 'secret' FROM nope`)
      await sql`SELECT 'secret' FROM nope`.catch(() => {})
    },
    spans: [NOPE, NOPE],
  },
  'a cursor that its reader leaves': {
    isNew: true,
    async run({ sql }, mark) {
      for await (const _ of sql`SELECT generate_series(1, 5)`.cursor(2)) break
      mark('after a break')
    },
    spans: [{ name: 'SELECT postgres' }],
  },
  'a connection that is closed': {
    isNew: true,
    async run({ postgres }) {
      const other = postgres({ max: 1, onnotice() {} })
      await other`SELECT 1`
      const lost = failing(other`SELECT pg_sleep(20)`)
      await other.end({ timeout: 0 })
      await lost
      await failing(other`SELECT 1`)
    },
    server: null,
    attributes: { 'db.system.name': 'postgresql' },
    spans: [
      { name: 'SELECT postgres' },
      { name: 'SELECT', error: 'CONNECTION_ENDED' },
      { name: 'SELECT', error: 'CONNECTION_ENDED' },
    ],
  },
  refused: {
    async run({ postgres }) {
      await failing(postgres({ port: 1, max: 1 })`SELECT 1`)
    },
    server: 1,
    spans: [{ name: 'SELECT postgres', error: 'ECONNREFUSED' }],
  },
}
