import { called, failing } from '../support.mjs'

export const isLocal = true
export const folder = 'native'
export const attributes = { 'db.system.name': 'sqlite' }

export async function setUp(load) {
  const sqlite3 = (await load('sqlite3')).default
  const db = await new Promise((resolve, reject) => {
    const made = new sqlite3.Database(':memory:', (error) => (error ? reject(error) : resolve(made)))
  })
  await called((done) => db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)', done))
  return { db }
}

const SELECT = { name: 'SELECT', text: 'SELECT * FROM items' }
const NOPE = { name: 'INSERT', error: 'SQLITE_ERROR' }
const REFUSED = "INSERT INTO nope VALUES ('secret')"

export const steps = {
  callbacks: {
    async run({ db }, mark) {
      const marked = (label, done) => (...all) => (mark(label), done(...all))
      await called((done) => db.run('INSERT INTO items VALUES (?, ?)', [1, 'secret'], marked('run', done)))
      await called((done) => db.get('SELECT * FROM items WHERE text = ?', 'secret', marked('get', done)))
      await called((done) => db.all('SELECT * FROM items', marked('all', done)))
      await called((done) => db.each('SELECT * FROM items', () => mark('row'), marked('each', done)))
      await called((done) => db.exec("DELETE FROM items WHERE text = 'secret'", marked('exec', done)))
    },
    spans: [
      { name: 'INSERT', text: 'INSERT INTO items VALUES (?, ?)' },
      { name: 'SELECT' },
      SELECT,
      SELECT,
      { name: 'DELETE', text: 'DELETE FROM items WHERE text = ?' },
    ],
  },
  'prepared statements': {
    async run({ db }, mark) {
      const statement = await new Promise((resolve, reject) => {
        const made = db.prepare('SELECT * FROM items', (error) => (mark('prepared'), error ? reject(error) : resolve(made)))
      })
      await called((done) => statement.all((...all) => (mark('all'), done(...all))))
      await called((done) => statement.get(done))
      await called((done) => statement.finalize((...all) => (mark('finalized'), done(...all))))
    },
    spans: [SELECT, SELECT],
  },
  'without a callback': {
    async run({ db }) {
      db.serialize()
      db.run("INSERT INTO items VALUES (2, 'secret')")
      await called((done) => db.each('SELECT * FROM items', (error) => done(error)))
    },
    spans: [{ name: 'INSERT' }, SELECT],
  },
  errors: {
    async run({ db }, mark) {
      await failing(called((done) => db.run(REFUSED, done)))
      await failing(called((done) => db.exec(REFUSED, (...all) => (mark('exec'), done(...all)))))
      await failing(called((done) => db.each("SELECT 'secret' FROM nope", done)))
      const statement = db.prepare('INSERT INTO items VALUES (?, ?)')
      await failing(called((done) => statement.run(2, 'secret', done)))
      statement.finalize()
    },
    spans: [NOPE, NOPE, { name: 'SELECT', error: 'SQLITE_ERROR' }, { name: 'INSERT', error: 'SQLITE_CONSTRAINT' }],
  },
  'errors without a callback': {
    async run({ db }) {
      const statement = db.prepare('INSERT INTO items VALUES (?, ?)')
      const failure = called((done) => statement.once('error', done))
      statement.run(2, 'secret')
      await failing(failure)
      statement.finalize()
    },
    spans: [{ name: 'INSERT', error: 'SQLITE_CONSTRAINT' }],
  },
}
