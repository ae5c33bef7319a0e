// packages: libsql, @libsql/client
// services: hrana
export default async function ({ load, loadDefault, say, attempt, env }) {
  const Database = await loadDefault('libsql')
  await embedded(Database, { say, attempt })
  const { createClient, LibsqlError } = await load('@libsql/client')
  say('functions', createClient, LibsqlError)
  const file = createClient(Object.freeze({ url: ':memory:' }))
  say('file client', file.execute, file.batch, file.protocol)
  await file.execute('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)')
  await client(file, { say, attempt, name: 'file' })
  file.close()
  await attempt('file, after the end', () => file.execute('SELECT 1').catch(({ name, code }) => [name, code]))
  const remote = createClient(Object.freeze({ url: env.HRANA_URL }))
  say('remote client', remote.execute, remote.batch, remote.transaction, remote.protocol, Object.keys(remote).length)
  await client(remote, { say, attempt, name: 'remote' })
  remote.close()
  await attempt('remote, after the end', () => remote.execute('SELECT 1').catch(({ name, code }) => [name, code]))
  await attempt('wrong url', () => createClient({ url: 'what://x' }))
  await attempt('no url', () => createClient({}))
}

async function client(used, { say, attempt, name }) {
  const said = (what) => `${name}, ${what}`
  const shown = ({ rows, columns, rowsAffected }) => ({ rows: rows.map((row) => ({ ...row })), columns, rowsAffected })
  const statement = Object.freeze({ sql: 'INSERT INTO items VALUES (?, ?)', args: Object.freeze([1, 'a']) })
  await attempt(said('execute'), () => used.execute(statement).then(shown))
  await attempt(said('text'), () => used.execute('SELECT * FROM items').then(shown))
  await attempt(said('refused'), async function asks() {
    return await used.execute('INSERT INTO nope VALUES (1)')
  })
  const statements = Object.freeze(['SELECT 1', Object.freeze({ sql: 'SELECT ?', args: Object.freeze([2]) })])
  await attempt(said('batch'), () => used.batch(statements).then((all) => all.map(shown)))
  await attempt(said('batch refused'), async function asks() {
    return await used.batch(['SELECT 1', 'INSERT INTO nope VALUES (1)'], 'write')
  })
  await attempt(said('multiple'), () => used.executeMultiple('SELECT 1; SELECT 2'))
  await attempt(said('nothing'), () => used.execute())
  await attempt(said('no batch'), () => used.batch(undefined))
  const transaction = await used.transaction('write')
  say(said('transaction'), transaction.execute, transaction.commit, transaction.closed)
  await attempt(said('in a transaction'), () =>
    transaction.execute(Object.freeze({ sql: 'SELECT 3', args: [] })).then(shown),
  )
  await attempt(said('commit'), () => transaction.commit())
  await attempt(said('after the commit'), () => transaction.execute('SELECT 1').catch(({ code }) => code))
}

function withoutTime({ duration, _metadata, ...rest }) {
  return rest
}

async function embedded(Database, { say, attempt }) {
  say('class', Database, Database.prototype.exec, Database.prototype.prepare)
  const db = new Database(':memory:')
  say('db', Object.keys(db).toSorted(), db.open, db.inTransaction)
  await attempt('exec', () => db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)') === db)
  const insert = db.prepare('INSERT INTO items VALUES (?, ?)')
  say('statement', insert.run, insert.get, insert.all, insert.iterate)
  await attempt('run', () => withoutTime(insert.run(1, 'a')))
  await attempt('run twice', function asks() {
    return insert.run(1, 'a')
  })
  await attempt('get', () => withoutTime(db.prepare('SELECT * FROM items').get()))
  await attempt('all', () => db.prepare('SELECT * FROM items WHERE id > ?').all(0).length)
  await attempt('iterate', () => [...db.prepare('SELECT * FROM items').iterate()].length)
  await attempt('syntax error', () => db.exec('selekt'))
  await attempt('prepared syntax error', () => db.prepare('selekt'))
  await attempt('no text', () => db.prepare())
  const moved = db.transaction((n) => db.prepare('INSERT INTO items VALUES (?, ?)').run(n, 'b').changes)
  await attempt('transaction', () => moved(7))
  db.close()
  await attempt('after the end', () => db.exec('SELECT 1'))
}
