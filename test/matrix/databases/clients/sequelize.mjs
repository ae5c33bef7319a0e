import { failing } from '../support.mjs'
import { connectionOf, MISSING, named } from '../orm-steps.mjs'

export const service = 'postgres'
export const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'postgres' }
/** Others stand for it in continuous integration. */
export const isRare = true
export const beside = /^pg\.connect$/

export async function setUp(load, env) {
  const { Sequelize, DataTypes } = await load('sequelize')
  const { host, port, user, database } = connectionOf(env)
  const options = { dialect: 'postgres', host, port, logging: false, pool: { max: 1, idle: 60_000 } }
  const sequelize = new Sequelize(database, user, env.PGPASSWORD ?? '', options)
  const table = (name) =>
    sequelize.define(name, { id: { type: DataTypes.INTEGER, primaryKey: true } }, { tableName: name, timestamps: false })
  const [items, nope] = [table('of_sequelize'), table('nope')]
  await sequelize.query('DROP TABLE IF EXISTS of_sequelize')
  await sequelize.query('CREATE TABLE of_sequelize (id integer PRIMARY KEY)')
  return { sequelize, items, nope }
}

export const steps = {
  queries: {
    async run({ items }, mark) {
      await items.create({ id: 1 })
      mark('after create')
      await items.findAll({ where: { id: 1 } })
    },
    spans: named('INSERT', 'SELECT'),
  },
  transaction: {
    async run({ sequelize, items }, mark) {
      await failing(
        sequelize.transaction(async (transaction) => {
          await items.create({ id: 2 }, { transaction })
          mark('within')
          await items.create({ id: 2 }, { transaction })
        }),
      )
      mark('after')
    },
    spans: [...named('START', 'INSERT', 'ROLLBACK'), { name: 'INSERT postgres', error: '23505', status: '23505' }],
  },
  errors: {
    async run({ nope }, mark) {
      await failing(nope.findAll({ where: { id: 1 } }))
      mark('after a rejection')
    },
    spans: [MISSING],
  },
}
