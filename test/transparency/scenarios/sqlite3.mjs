// packages: sqlite3
export default async function ({ loadDefault, say, attempt }) {
  const sqlite3 = await loadDefault('sqlite3')
  const { Database, Statement } = sqlite3
  const methods = ['run', 'get', 'all', 'each', 'map', 'exec', 'prepare', 'close', 'wait']
  say(
    'functions',
    Database,
    methods.map((name) => Database.prototype[name]),
  )
  say(
    'of statements',
    Statement,
    ['run', 'get', 'all', 'each', 'map', 'bind', 'reset', 'finalize'].map((name) => Statement.prototype[name]),
  )
  const called = (what, give) =>
    attempt(
      what,
      () =>
        new Promise((resolve) => {
          const returned = give(function done(...all) {
            resolve([all, Object.keys(this ?? {})])
          })
          say(`${what}: returns`, returned?.constructor?.name)
        }),
    )
  const db = new Database(':memory:')
  await called('exec', (done) => db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)', done))
  await new Promise((resolve) =>
    db.run('INSERT INTO items VALUES (?, ?)', Object.freeze([1, 'a']), function done(error) {
      say('run', error, this.lastID, this.changes, arguments.length)
      resolve()
    }),
  )
  await called('values one by one', (done) => db.run('INSERT INTO items VALUES (?, ?)', 2, 'b', done))
  await called('named values', (done) => db.get('SELECT * FROM items WHERE id = $id', Object.freeze({ $id: 1 }), done))
  await called('all', (done) => db.all('SELECT * FROM items', done))
  await called('map', (done) => db.map('SELECT id, text FROM items', done))
  const rows = []
  await called('each', (done) => db.each('SELECT * FROM items', (error, row) => rows.push([error, row]), done))
  say('rows', rows)
  await called('syntax error', (done) => db.run('selekt', done))
  await called('duplicate', (done) => db.run("INSERT INTO items VALUES (1, 'x')", done))
  await called('exec with an error', (done) => db.exec('selekt', done))
  // It is emitted by the statement, which nobody has.
  const failed = new Promise((resolve) => process.once('uncaughtException', (error) => resolve(error)))
  say('without a callback', db.run('selekt') === db)
  say('error event', await failed)
  const statement = db.prepare('SELECT * FROM items WHERE id = ?')
  say('statement', statement.eventNames(), Object.keys(statement), statement.sql)
  await called('statement.get', (done) => statement.get(Object.freeze([2]), done))
  await called('statement.reset', (done) => statement.reset(done))
  await called('statement.all', (done) => statement.all(1, done))
  await called('statement.each', (done) => statement.each(1, () => {}, done))
  await called('finalize', (done) => statement.finalize(done))
  await attempt('wrong callback', () => db.run('SELECT 1', [], 'text') === db)
  // Without a text sqlite3 6.0 ends the process by itself: SIGSEGV.
  say('traced', db.eventNames().map(String))
  db.on('trace', (sql) => say('trace', sql))
  await called('with a trace', (done) => db.get('SELECT 1 AS one', done))
  db.serialize(() => {
    db.run('DELETE FROM items')
    db.get('SELECT count(*) AS n FROM items', (error, { n }) => say('in order', error, n))
  })
  await called('close', (done) => db.close(done))
  await called('after the end', (done) => db.get('SELECT 1', done))
  await new Promise(
    (resolve) => new Database('/nowhere/x.db', (error) => resolve(say('no file', error.code, error.errno))),
  )
}
