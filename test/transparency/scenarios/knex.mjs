// packages: knex, pg
// services: postgres
export default async function ({ loadDefault, say, attempt, env }) {
  const knex = await loadDefault('knex')
  say('exports', knex, Object.keys(knex).toSorted())
  const { PGHOST: host, PGPORT: port, PGUSER: user, PGDATABASE: database } = env
  const connection = { host, port: Number(port), user, database }
  const shop = knex({ client: 'pg', connection, pool: { min: 0, max: 2 } })
  say('functions', shop.raw, shop.client.runner, shop.client.query, shop.client.queryBuilder, shop.client.schemaBuilder)
  say('builder', Object.keys(shop('users')).toSorted(), shop('users').where({ a: 1 }).toString())
  const heard = []
  shop.on('query', ({ sql }) => heard.push(['query', sql]))
  shop.on('query-error', ({ message }, { sql }) => heard.push(['error', sql]))
  shop.on('query-response', (_, { sql }) => heard.push(['response', sql]))
  await shop.schema.dropTableIfExists('transparency_knex')
  await attempt('schema', () =>
    shop.schema.createTable('transparency_knex', (table) => {
      table.integer('id').primary()
      table.string('name')
    }),
  )
  const row = Object.freeze({ id: 1, name: 'a' })
  await attempt('insert', () => shop('transparency_knex').insert(row).returning('id'))
  await attempt('select', () =>
    shop('transparency_knex')
      .where(Object.freeze({ id: 1 }))
      .first(),
  )
  await attempt('raw', () => shop.raw('SELECT ?::int AS one', Object.freeze([1])).then(({ rows }) => rows))
  await attempt('duplicate', async function repository() {
    return await shop('transparency_knex')
      .insert(row)
      .catch(({ message, code }) => [message, code])
  })
  await attempt('no table', () =>
    shop('nowhere')
      .select()
      .catch(({ message, name, code }) => [name, code, message]),
  )
  await attempt(
    'as a callback',
    () =>
      new Promise((resolve) =>
        shop('transparency_knex')
          .select('name')
          .asCallback((...given) => resolve(given)),
      ),
  )
  const lazy = shop('transparency_knex').insert({ id: 9 })
  say('lazy', await shop('transparency_knex').count().first(), typeof lazy.then)
  await attempt('transaction', () =>
    shop.transaction(async (trx) => {
      await trx('transparency_knex').insert({ id: 2, name: 'b' })
      return trx('transparency_knex').select('id').orderBy('id')
    }),
  )
  await attempt('rolled back', () =>
    shop.transaction(async (trx) => {
      await trx('transparency_knex').insert({ id: 3 })
      throw new RangeError('no')
    }),
  )
  say('heard', heard)
  say('listeners', shop.listenerCount?.('query'), shop.client.listenerCount('query'))
  await shop.schema.dropTable('transparency_knex')
  await shop.destroy()
  await attempt('after the end', () =>
    shop('transparency_knex')
      .select()
      .catch(({ message }) => message),
  )
}
