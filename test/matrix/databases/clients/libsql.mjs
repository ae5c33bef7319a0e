import { failing } from '../support.mjs'

export const service = 'hrana'
export const packageName = '@libsql/client'
export const attributes = { 'db.system.name': 'sqlite' }

export async function setUp(load, env) {
  const { createClient } = await load('@libsql/client')
  const Database = (await load('libsql')).default
  return { files: createClient({ url: ':memory:' }), remote: createClient({ url: env.HRANA_URL }), db: new Database(':memory:') }
}

/** The requests that carry a remote client's statements. */
export const beside = /^(?:GET|POST)$/

const SELECT = { name: 'SELECT', text: 'SELECT ?' }
const NOPE = { name: 'INSERT', error: 'SQLITE_ERROR' }
const REFUSED = "INSERT INTO nope VALUES ('secret')"

export const steps = {
  'libsql by itself': {
    async run({ db }, mark) {
      db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)')
      db.prepare('INSERT INTO items VALUES (?, ?)').run(1, 'secret')
      db.prepare('SELECT ?').get('secret')
      db.prepare('SELECT ?').all('secret')
      await failing((async () => db.exec(REFUSED))())
      await failing((async () => db.prepare('INSERT INTO items VALUES (?, ?)').run(1, 'secret'))())
      mark('after')
    },
    server: null,
    spans: [{ name: 'CREATE' }, { name: 'INSERT' }, SELECT, SELECT, NOPE, { name: 'INSERT', error: 'SQLITE_CONSTRAINT_PRIMARYKEY' }],
  },
  'a file': {
    async run({ files }, mark) {
      await files.execute('CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT)')
      await files.execute({ sql: 'SELECT ?', args: ['secret'] })
      mark('after')
      await failing(files.execute(REFUSED))
    },
    server: null,
    spans: [{ name: 'CREATE' }, SELECT, NOPE],
  },
  'a server': {
    async run({ remote }, mark) {
      await remote.execute({ sql: 'SELECT ?', args: ['secret'] })
      mark('after execute')
      await remote.batch(['INSERT INTO items VALUES (1)', { sql: 'INSERT INTO items VALUES (?)', args: ['secret'] }])
      mark('after batch')
      await remote.executeMultiple("SELECT 'secret'; SELECT 2")
      const transaction = await remote.transaction('write')
      await transaction.execute({ sql: 'SELECT ?', args: ['secret'] })
      await transaction.commit()
      mark('after commit')
    },
    spans: [SELECT, { name: 'BATCH INSERT' }, { name: 'SELECT' }, SELECT, { name: 'COMMIT' }],
  },
  errors: {
    async run({ remote }, mark) {
      await failing(remote.execute(REFUSED))
      await failing(remote.batch([REFUSED]))
      mark('after')
    },
    spans: [
      { name: 'INSERT', error: 'SQLITE_ERROR', status: 'SQLITE_ERROR' },
      { name: 'INSERT', error: 'SQLITE_ERROR', status: 'SQLITE_ERROR' },
    ],
  },
}
