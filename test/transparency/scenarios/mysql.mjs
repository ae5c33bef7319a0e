// packages: mysql
// services: mariadb
export default async function ({ loadDefault, say, env }) {
  const mysql = await loadDefault('mysql')
  say('functions', mysql.createConnection, mysql.createPool, mysql.createPoolCluster)
  const options = { host: '127.0.0.1', port: Number(env.MYSQL_PORT), user: 'root' }
  const connection = mysql.createConnection(options)
  say('query function', connection.query)
  const call = (client, ...args) =>
    new Promise((resolve) =>
      client.query(...args, function (error, rows) {
        resolve([error?.code ?? null, rows?.map?.((row) => ({ ...row })), arguments.length])
      }),
    )
  say('query', await call(connection, 'select 1 as one'))
  say('values', await call(connection, Object.freeze({ sql: 'select ? as one', values: Object.freeze([1]) })))
  say('syntax error', await call(connection, 'selekt 1'))
  const query = connection.query('select 2 as two')
  const rows = []
  query.on('result', (row) => rows.push({ ...row }))
  await new Promise((resolve) => query.on('end', resolve))
  say('rows', rows)
  await new Promise((resolve) => connection.end(resolve))
  const pool = mysql.createPool({ ...options, connectionLimit: 1 })
  say('pool', pool.query, pool.getConnection, pool.eventNames().map(String))
  say('waiting', await Promise.all([1, 2].map((n) => call(pool, 'select ? as n', [n]))))
  await new Promise((resolve) => pool.end(resolve))
  say('after the end', await call(pool, 'select 1'))
}
