// packages: postgres
// services: postgres
export default async function ({ loadDefault, say, attempt, env }) {
  const postgres = await loadDefault('postgres')
  say('exports', postgres, Object.keys(postgres).toSorted())
  const { PGHOST: host, PGPORT: port, PGUSER: user, PGDATABASE: database } = env
  const sql = postgres(Object.freeze({ host, port: Number(port), user, database, max: 2, onnotice: () => {} }))
  say('sql', sql, Object.keys(sql).toSorted())
  await sql`DROP TABLE IF EXISTS transparency_postgres`
  await attempt('created', () =>
    sql`CREATE TABLE transparency_postgres (id int PRIMARY KEY, name text)`.then(({ command }) => command),
  )
  const lazy = sql`INSERT INTO transparency_postgres VALUES (9, 'lazy')`
  say('lazy', lazy.constructor.name, typeof lazy.then)
  const row = Object.freeze({ id: 1, name: 'a' })
  await attempt('inserted', () =>
    sql`INSERT INTO transparency_postgres ${sql(row, 'id', 'name')} RETURNING id`.then((rows) => [...rows]),
  )
  await attempt('selected', async () => [...(await sql`SELECT * FROM transparency_postgres WHERE id = ${1}`)])
  await attempt('values', () => sql`SELECT 1 AS one`.values().then((rows) => [...rows]))
  await attempt('unsafe', () => sql.unsafe('SELECT $1::int AS one', Object.freeze([1])).then((rows) => [...rows]))
  await attempt('duplicate', async function repository() {
    return await sql`INSERT INTO transparency_postgres ${sql(row)}`.catch(({ name, code, message }) => [
      name,
      code,
      message,
    ])
  })
  await attempt('rows one by one', async () => {
    const seen = []
    await sql`SELECT generate_series(1, 3) AS n`.cursor(1, ([{ n }]) => void seen.push(n))
    return seen
  })
  await attempt('for each', async () => {
    const seen = []
    const result = await sql`SELECT generate_series(1, 2) AS n`.forEach(({ n }) => void seen.push(n))
    return [seen, result.count]
  })
  await attempt('a transaction', () =>
    sql.begin(async (inner) => (await inner`SELECT count(*)::int AS n FROM transparency_postgres`)[0]),
  )
  await attempt('rolled back', () =>
    sql.begin(async (inner) => {
      await inner`INSERT INTO transparency_postgres VALUES (2, 'b')`
      throw new RangeError('no')
    }),
  )
  await sql`DROP TABLE transparency_postgres`
  await sql.end()
  await attempt('after the end', () => sql`SELECT 1`.catch(({ code }) => code))
}
