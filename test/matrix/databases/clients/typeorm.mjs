import { failing, finished } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

export const service = 'postgres'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  await load('reflect-metadata')
  const { DataSource, EntitySchema } = await load('typeorm')
  const entity = (name) => new EntitySchema({ name, tableName: name, columns: { id: { type: 'int', primary: true } } })
  const [items, nope] = [entity('of_typeorm'), entity('nope')]
  const source = new DataSource({ type: 'postgres', ...connectionOf(env), username: env.PGUSER, entities: [items, nope], poolSize: 1 })
  await source.initialize()
  await source.query('DROP TABLE IF EXISTS of_typeorm')
  await source.query('CREATE TABLE of_typeorm (id integer PRIMARY KEY)')
  return { source, items, nope }
}

export const steps = {
  queries: {
    async run({ source, items }, mark) {
      await source.getRepository(items).insert({ id: 1 })
      mark('after insert')
      await source.getRepository(items).findBy({ id: 1 })
    },
    spans: named('INSERT', 'SELECT'),
  },
  transaction: {
    async run({ source, items }, mark) {
      await failing(
        source.transaction(async (manager) => {
          await manager.insert(items, { id: 2 })
          mark('within')
          await manager.insert(items, { id: 2 })
        }),
      )
      mark('after')
    },
    spans: [...named('START', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  stream: {
    async run({ source, items }, mark) {
      await finished((await source.getRepository(items).createQueryBuilder('item').stream()).resume())
      mark('after the stream')
    },
    spans: named('SELECT'),
  },
  errors: {
    async run({ source, nope }, mark) {
      await failing(source.getRepository(nope).find())
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
