import { failing } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

export const service = 'postgres'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
/** Others stand for it in continuous integration. */
export const isRare = true
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  const { drizzle } = await load('drizzle-orm/node-postgres')
  const { integer, pgTable } = await load('drizzle-orm/pg-core')
  const { default: pg } = await load('pg')
  const { eq } = await load('drizzle-orm')
  const pool = new pg.Pool({ ...connectionOf(env), max: 1 })
  await pool.query('DROP TABLE IF EXISTS of_drizzle; CREATE TABLE of_drizzle (id integer PRIMARY KEY)')
  const table = (name) => pgTable(name, { id: integer('id') })
  return { db: drizzle(pool), items: table('of_drizzle'), nope: table('nope'), eq }
}

export const steps = {
  queries: {
    async run({ db, items, eq }, mark) {
      await db.insert(items).values({ id: 1 })
      mark('after insert')
      await db.select().from(items).where(eq(items.id, 1))
    },
    spans: named('INSERT', 'SELECT'),
  },
  transaction: {
    async run({ db, items }, mark) {
      await failing(
        db.transaction(async (transaction) => {
          await transaction.insert(items).values({ id: 2 })
          mark('within')
          await transaction.insert(items).values({ id: 2 })
        }),
      )
      mark('after')
    },
    spans: [...named('BEGIN', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  errors: {
    async run({ db, nope }, mark) {
      await failing(db.select().from(nope))
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
