// packages: mysql2
// services: mariadb
export default async function ({ loadDefault, say, attempt, env }) {
  const mysql = await loadDefault('mysql2')
  const promises = await loadDefault('mysql2/promise.js')
  say(
    'functions',
    mysql.createConnection,
    mysql.createPool,
    mysql.Connection?.prototype.query,
    mysql.Connection?.prototype.execute,
  )
  const options = { host: '127.0.0.1', port: Number(env.MYSQL_PORT), user: 'root' }
  const connection = mysql.createConnection(options)
  const call = (method, ...args) =>
    new Promise((resolve) =>
      connection[method](...args, function (error, rows) {
        resolve([error?.code ?? null, rows, arguments.length])
      }),
    )
  say('query', await call('query', 'select 1 as one'))
  say('values', await call('query', Object.freeze({ sql: 'select ? as one', values: Object.freeze([1]) })))
  say('execute', await call('execute', 'select ? as one', ['x']))
  say('syntax error', await call('query', 'selekt 1'))
  const query = connection.query('select 2 as two')
  say('query without a callback', query.constructor.name, query.eventNames().map(String))
  const rows = []
  query.on('result', (row) => rows.push(row))
  await new Promise((resolve) => query.on('end', resolve))
  say('rows', rows)
  await new Promise((resolve) => connection.end(resolve))
  const pool = promises.createPool({ ...options, connectionLimit: 1 })
  await attempt('pool', async () => (await pool.query('select 1 as one'))[0])
  await attempt('waiting', async () =>
    (await Promise.all([1, 2, 3].map((n) => pool.execute('select ? as n', [n])))).map(([result]) => result),
  )
  await attempt('pool with an error', async function asks() {
    return await pool.query('selekt 1')
  })
  const held = await pool.getConnection()
  say('connection', held.constructor.name, held.query)
  held.release()
  await pool.end()
  await attempt('after the end', () => pool.query('select 1'))
}
