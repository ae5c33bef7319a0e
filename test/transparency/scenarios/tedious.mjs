// packages: tedious
// versions: newest
// services: sql-server
export default async function ({ loadDefault, load, say, attempt, env }) {
  const loaded = await load('tedious')
  const { Connection, Request, TYPES } = loaded.Connection === undefined ? loaded.default : loaded
  const { prototype } = Connection
  say(
    'functions',
    Connection,
    prototype.execSql,
    prototype.execSqlBatch,
    prototype.callProcedure,
    prototype.prepare,
    prototype.execute,
    prototype.connect,
  )
  const config = {
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: 'u', password: 'p' } },
    options: { port: Number(env.MSSQL_PORT), encrypt: false, trustServerCertificate: true, database: 'shop' },
  }
  const connection = new Connection(config)
  say('connection', connection.eventNames().map(String))
  await attempt(
    'connected',
    () =>
      new Promise((resolve) => {
        connection.on('connect', (error) => resolve([error?.message, connection.state.name]))
        if (connection.state.name === 'Initialized') connection.connect()
      }),
  )
  const ask = (sql, how, prepare = () => {}) =>
    new Promise((resolve) => {
      const callback = function asked(error, rowCount, rows) {
        resolve([error?.message, error?.code, error?.name, rowCount, rows, this === request])
      }
      const request = new Request(sql, callback)
      prepare(request)
      say(
        'request',
        request.userCallback === callback,
        request.eventNames().map(String),
        Object.keys(request).toSorted(),
      )
      const returned = connection[how](request)
      say('returned', returned, request.listenerCount('error'), request.listenerCount('requestCompleted'))
    })
  await attempt('a statement', () => ask('SELECT 1', 'execSql'))
  await attempt('with parameters', () =>
    ask('SELECT @a', 'execSql', (request) => request.addParameter('a', TYPES.NVarChar, 'x')),
  )
  await attempt('a batch', () => ask('SELECT 1; SELECT 2', 'execSqlBatch'))
  await attempt('a procedure', () => ask('shop.list', 'callProcedure'))
  await attempt('refused', () => ask("INSERT INTO things (id) VALUES ('x')", 'execSqlBatch'))
  await attempt('no request', () => connection.execSql())
  const ended = new Promise((resolve) => connection.once('end', resolve))
  connection.close()
  await ended
  await attempt('after the end', () => ask('SELECT 1', 'execSql'))
}
