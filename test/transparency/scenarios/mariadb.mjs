// packages: mariadb
// services: mariadb
export default async function ({ loadDefault, load, say, attempt, env, format }) {
  const mariadb = await loadDefault('mariadb')
  const server = { host: '127.0.0.1', port: Number(env.MYSQL_PORT), user: 'root', database: 'mysql' }
  say(
    'exports',
    Object.keys(mariadb).toSorted(),
    mariadb.createPool,
    mariadb.createConnection,
    mariadb.createPoolCluster,
  )
  const connection = await mariadb.createConnection(Object.freeze({ ...server }))
  say('connection', connection.query, connection.execute, connection.batch, connection.prepare, connection.isValid())
  say('listeners', connection.eventNames().map(String))
  await statements(connection, 'connection', { say, attempt })
  await attempt('prepared', async () => {
    const prepared = await connection.prepare('SELECT ? AS one')
    say('prepared statement', prepared.execute, Object.keys(prepared).toSorted())
    const rows = await prepared.execute(Object.freeze([1]))
    prepared.close()
    return rows.length
  })
  await attempt('prepared syntax error', async function asks() {
    return await connection.prepare('selekt ?').catch(withoutText)
  })
  await attempt('transaction', async () => {
    await connection.beginTransaction()
    await connection.query('SELECT 1')
    return await connection.rollback()
  })
  const rows = []
  const stream = connection.queryStream('SELECT seq FROM seq_1_to_3')
  say('stream', stream.eventNames().map(String), stream.readableFlowing, stream.constructor.name)
  for await (const { seq } of stream) rows.push(Number(seq))
  say('streamed', rows)
  await attempt('stream with an error', async () => {
    try {
      for await (const row of connection.queryStream('selekt')) return row
    } catch (error) {
      return withoutText(error)
    }
  })
  await connection.end()
  await attempt('after the end', () => connection.query('SELECT 1').catch(withoutText))
  await pool(mariadb, server, { say, attempt })
  await callbacks(await load('mariadb/callback').catch(() => load('mariadb/callback.js')), server, {
    say,
    attempt,
    format,
  })
  await attempt('refused', () =>
    mariadb.createConnection({ ...server, port: 1 }).catch(({ code, errno }) => [code, errno]),
  )
  await attempt('no options', () => mariadb.createPool())
}

/** The text of an error names the connection's number. */
function withoutText({ name, code, errno, sqlState, fatal, sql, cause }) {
  return { name, code, errno, sqlState, fatal, sql, cause: cause?.constructor?.name }
}

async function statements(target, name, { say, attempt }) {
  const shown = (rows) => (Array.isArray(rows) ? rows.map((row) => ({ ...row })) : rows.constructor.name)
  const options = Object.freeze({ sql: 'SELECT ? AS one', rowsAsArray: true })
  await attempt(`${name}: query`, () => target.query('SELECT ? AS one', Object.freeze(['x'])).then(shown))
  await attempt(`${name}: options`, () => target.query(options, [1]).then((rows) => rows.length))
  await attempt(`${name}: execute`, () => target.execute('SELECT ? AS one', ['y']).then(shown))
  await target.query('CREATE TABLE IF NOT EXISTS transparency_mariadb (id int primary key, text text)')
  await target.query('DELETE FROM transparency_mariadb')
  const values = Object.freeze([Object.freeze([1, 'a']), Object.freeze([2, 'b'])])
  await attempt(`${name}: batch`, () =>
    target.batch('INSERT INTO transparency_mariadb VALUES (?, ?)', values).then(({ affectedRows }) => affectedRows),
  )
  await attempt(`${name}: syntax error`, async function asks() {
    try {
      return await target.query('selekt 1')
    } catch (error) {
      say(`${name}: frames`, /mariadb\.mjs/.test(error.stack))
      return withoutText(error)
    }
  })
  await attempt(`${name}: duplicate`, () =>
    target.query("INSERT INTO transparency_mariadb VALUES (1, 'x')").catch(withoutText),
  )
  await attempt(`${name}: no statement`, () => target.query().catch(withoutText))
}

async function pool(mariadb, server, { say, attempt }) {
  const pool = mariadb.createPool(Object.freeze({ ...server, connectionLimit: 1 }))
  say('pool', pool.query, pool.getConnection, Object.keys(pool).toSorted())
  await statements(pool, 'pool', { say, attempt })
  const connection = await pool.getConnection()
  say('of the pool', connection.query, connection.release)
  const waiting = pool.query('SELECT 2 AS two')
  say('counts', pool.activeConnections(), pool.idleConnections(), pool.totalConnections(), pool.taskQueueSize())
  await connection.release()
  say('waited', (await waiting).length)
  say('events', pool.eventNames().map(String))
  await pool.query('DROP TABLE transparency_mariadb')
  await pool.end()
  await attempt('after the pool', () => pool.query('SELECT 1').catch(withoutText))
  const cluster = mariadb.createPoolCluster()
  cluster.add('a', { ...server, connectionLimit: 1 })
  say('cluster', cluster.getConnection, cluster.of)
  const member = await cluster.getConnection('a')
  await attempt('in a cluster', () => member.query('SELECT 1').then(({ length }) => length))
  await member.release()
  await cluster.end()
}

async function callbacks(exports, server, { say, attempt }) {
  const mariadb = exports.createPool === undefined ? exports.default : exports
  say('callback exports', Object.keys(mariadb).toSorted(), mariadb.createPool, mariadb.createConnection)
  const pool = mariadb.createPool({ ...server, connectionLimit: 1 })
  const called = (what, call) =>
    attempt(
      what,
      () =>
        new Promise((resolve) => {
          const returned = call(function called(error, result) {
            const failure = error === null || error === undefined ? error : withoutText(error)
            resolve([arguments.length, failure, Array.isArray(result) ? result.length : typeof result])
          })
          say(`${what}: returns`, typeof returned)
        }),
    )
  await called('callback', (done) => pool.query('SELECT 1', done))
  await called('callback and values', (done) => pool.query('SELECT ?', [1], done))
  await called('callback with an error', (done) => pool.query('selekt', done))
  const connection = await new Promise((resolve) => pool.getConnection((_, got) => resolve(got)))
  await called('of a connection', (done) => connection.execute('SELECT ?', [1], done))
  await called('begin', (done) => connection.beginTransaction(done))
  await called('commit', (done) => connection.commit(done))
  const query = connection.query('SELECT 1 AS one')
  say('without a callback returns', query?.constructor?.name, query?.eventNames?.().map(String))
  await new Promise((resolve) => query.on('data', ({ one }) => say('row', Number(one))).on('end', resolve))
  await new Promise((resolve) => connection.release(resolve))
  await new Promise((resolve) => pool.end(resolve))
}
