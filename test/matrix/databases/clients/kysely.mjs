import { failing } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

export const service = 'postgres'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
/** Others stand for it in continuous integration. */
export const isRare = true
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  const { Kysely, PostgresDialect } = await load('kysely')
  const { default: pg } = await load('pg')
  const { default: Cursor } = await load('pg-cursor')
  const pool = new pg.Pool({ ...connectionOf(env), max: 1 })
  await pool.query('DROP TABLE IF EXISTS of_kysely; CREATE TABLE of_kysely (id integer PRIMARY KEY)')
  return { db: new Kysely({ dialect: new PostgresDialect({ pool, cursor: Cursor }) }) }
}

export const steps = {
  queries: {
    async run({ db }, mark) {
      await db.insertInto('of_kysely').values({ id: 1 }).execute()
      mark('after insert')
      await db.selectFrom('of_kysely').selectAll().where('id', '=', 1).execute()
    },
    spans: named('INSERT', 'SELECT'),
  },
  transaction: {
    async run({ db }, mark) {
      await failing(
        db.transaction().execute(async (transaction) => {
          await transaction.insertInto('of_kysely').values({ id: 2 }).execute()
          mark('within')
          await transaction.insertInto('of_kysely').values({ id: 2 }).execute()
        }),
      )
      mark('after')
    },
    spans: [...named('BEGIN', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  stream: {
    async run({ db }, mark) {
      for await (const row of db.selectFrom('of_kysely').selectAll().stream()) void row
      mark('after the stream')
    },
    spans: named('SELECT'),
  },
  errors: {
    async run({ db }, mark) {
      await failing(db.selectFrom('nope').selectAll().where('text', '=', 'secret').execute())
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
