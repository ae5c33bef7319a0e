import { failing } from '../support.mjs'

export const isLocal = true
export const attributes = { 'db.system.name': 'sqlite' }

export async function setUp(load) {
  const { DatabaseSync } = await load('node:sqlite')
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)')
  return { db }
}

export const steps = {
  statements: {
    async run({ db }, mark) {
      db.prepare('INSERT INTO items VALUES (?, ?)').run(1, 'secret')
      db.prepare('SELECT * FROM items WHERE text = ?').get('secret')
      db.prepare('SELECT * FROM items').all()
      for (const row of db.prepare('SELECT * FROM items').iterate()) void row
      mark('after')
      db.exec("DELETE FROM items WHERE text = 'secret'")
    },
    spans: [
      { name: 'INSERT', text: 'INSERT INTO items VALUES (?, ?)' },
      { name: 'SELECT' },
      { name: 'SELECT' },
      { name: 'SELECT' },
      { name: 'DELETE', text: 'DELETE FROM items WHERE text = ?' },
    ],
  },
  errors: {
    async run({ db }) {
      await failing((async () => db.exec("INSERT INTO nope VALUES ('secret')"))())
      await failing((async () => db.prepare("SELECT 'secret' FROM nope"))())
      db.exec('INSERT INTO items VALUES (1, NULL)')
      await failing((async () => db.prepare('INSERT INTO items VALUES (?, ?)').run(1, 'secret'))())
    },
    spans: [
      { name: 'INSERT', error: 'ERR_SQLITE_ERROR' },
      { name: 'SELECT', error: 'ERR_SQLITE_ERROR' },
      { name: 'INSERT' },
      { name: 'INSERT', error: 'ERR_SQLITE_ERROR' },
    ],
  },
}
