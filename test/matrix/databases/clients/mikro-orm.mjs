import { failing } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

export const service = 'postgres'
export const folder = 'on-request'
export const packageName = '@mikro-orm/core'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  const { EntitySchema } = await load('@mikro-orm/core')
  const { MikroORM } = await load('@mikro-orm/postgresql')
  const entity = (name) =>
    new EntitySchema({ name, tableName: name, properties: { id: { type: 'number', primary: true }, text: { type: 'string', nullable: true } } })
  const [items, nope] = [entity('of_mikro'), entity('nope')]
  const { host, port, user, database, password } = connectionOf(env)
  const orm = await MikroORM.init({ entities: [items, nope], host, port, user, password, dbName: database, pool: { min: 1, max: 1 } })
  const connection = orm.em.getConnection()
  await connection.execute('DROP TABLE IF EXISTS of_mikro')
  await connection.execute('CREATE TABLE of_mikro (id integer PRIMARY KEY, text text)')
  return { orm, items, nope }
}

export const steps = {
  queries: {
    async run({ orm, items }, mark) {
      const em = orm.em.fork()
      await em.insert(items, { id: 1, text: 'secret' })
      mark('after insert')
      await em.find(items, { text: 'secret' })
      mark('after find')
    },
    spans: named('INSERT', 'SELECT'),
  },
  transaction: {
    async run({ orm, items }, mark) {
      await failing(
        orm.em.fork().transactional(async (em) => {
          await em.insert(items, { id: 2 })
          mark('within')
          await em.insert(items, { id: 2 })
        }),
      )
      mark('after')
    },
    spans: [...named('BEGIN', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  'a unit of work': {
    async run({ orm, items }, mark) {
      const em = orm.em.fork()
      em.persist(em.create(items, { id: 3, text: 'secret' }))
      await em.flush()
      mark('after flush')
    },
    spans: named('BEGIN', 'INSERT', 'COMMIT'),
  },
  stream: {
    async run({ orm, items }, mark) {
      for await (const item of orm.em.fork().stream(items, {})) void item
      mark('after the stream')
    },
    spans: named('SELECT'),
  },
  errors: {
    async run({ orm, nope }, mark) {
      await failing(orm.em.fork().find(nope, {}))
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
