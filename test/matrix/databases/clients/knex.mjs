import { failing } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

export const service = 'postgres'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  const knex = (await load('knex')).default({ client: 'pg', connection: connectionOf(env), pool: { min: 1, max: 1 } })
  await knex.schema.dropTableIfExists('of_knex')
  await knex.schema.createTable('of_knex', (table) => table.integer('id').primary())
  return { knex }
}

export const steps = {
  queries: {
    async run({ knex }, mark) {
      await knex('of_knex').insert({ id: 1 })
      mark('after insert')
      await knex('of_knex').where({ id: 1 }).select()
      await knex.raw('SELECT ?', ['secret'])
    },
    spans: named('INSERT', 'SELECT', 'SELECT'),
  },
  transaction: {
    async run({ knex }, mark) {
      await failing(
        knex.transaction(async (transaction) => {
          await transaction('of_knex').insert({ id: 2 })
          mark('within')
          await transaction('of_knex').insert({ id: 2 })
        }),
      )
      mark('after')
    },
    spans: [...named('BEGIN', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  stream: {
    async run({ knex }, mark) {
      for await (const row of knex('of_knex').select().stream()) void row
      mark('after the stream')
    },
    spans: named('SELECT'),
  },
  errors: {
    async run({ knex }, mark) {
      await failing(knex('nope').where({ text: 'secret' }))
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
