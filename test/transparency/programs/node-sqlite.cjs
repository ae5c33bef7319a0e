// covers: node-sqlite
// flags: --no-warnings
const { DatabaseSync, StatementSync } = require('node:sqlite')
const { say, attempt } = require('../say.cjs')

async function main() {
  const { prototype } = DatabaseSync
  say(
    'functions',
    DatabaseSync,
    prototype.exec,
    prototype.prepare,
    StatementSync,
    StatementSync.prototype.run,
    StatementSync.prototype.all,
  )
  const database = new DatabaseSync(':memory:')
  say('own', Reflect.ownKeys(database).map(String), database instanceof DatabaseSync)
  await attempt('exec', () => database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)'))
  const insert = database.prepare('INSERT INTO things (name) VALUES (?)')
  say('statement', Reflect.ownKeys(insert).map(String), insert instanceof StatementSync, insert.sourceSQL)
  await attempt('run', () => insert.run('a'))
  await attempt('named', () =>
    database.prepare('SELECT * FROM things WHERE name = $name').all(Object.freeze({ name: 'a' })),
  )
  await attempt('get', () => database.prepare('SELECT count(*) AS n FROM things').get())
  await attempt('iterate', () => [...database.prepare('SELECT id FROM things').iterate()])
  await attempt('duplicate', function repository() {
    return database.prepare('INSERT INTO things (id) VALUES (?)').run(1)
  })
  await attempt('syntax', () => database.exec('SELEC 1'))
  await attempt('no statement', () => database.prepare())
  await attempt('a wrong value', () => insert.run({}))
  class Own extends DatabaseSync {
    exec(sql) {
      return super.exec(`${sql};`)
    }
  }
  await attempt('subclass', () => new Own(':memory:').exec('SELECT 1'))
  await attempt('closed', () => database.close())
  await attempt('after the end', () => database.exec('SELECT 1'))
  await attempt('called', () => DatabaseSync(':memory:'))
}
void main()
