import { failing } from '../support.mjs'

export const service = 'hrana'
export const packageName = '@libsql/client'
export const attributes = { 'db.system.name': 'sqlite' }

export async function setUp(load, env) {
  const { createClient } = await load('@libsql/client')
  const Database = (await load('libsql')).default
  return { files: createClient({ url: ':memory:' }), remote: createClient({ url: env.HRANA_URL }), socket: createClient({ url: env.HRANA_WS_URL }), db: new Database(':memory:') }
}

/** The requests that carry a remote client's statements. */
export const beside = /^(?:GET|POST)$/

const SELECT = { name: 'SELECT', text: 'SELECT ?' }
const NOPE = { name: 'INSERT', error: 'SQLITE_ERROR' }
const REFUSED = "INSERT INTO nope VALUES ('secret')"

async function askAll(client, mark) {
  await client.execute({ sql: 'SELECT ?', args: ['secret'] })
  mark('after execute')
  await client.batch(['INSERT INTO items VALUES (1)', { sql: 'INSERT INTO items VALUES (?)', args: ['secret'] }])
  mark('after batch')
  await client.executeMultiple("SELECT 'secret'; SELECT 2")
  const transaction = await client.transaction('write')
  await transaction.execute({ sql: 'SELECT ?', args: ['secret'] })
  await transaction.commit()
  mark('after commit')
}

const OF_SERVER = [SELECT, { name: 'BATCH INSERT' }, { name: 'SELECT' }, SELECT, { name: 'COMMIT' }]

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
    run: ({ remote }, mark) => askAll(remote, mark),
    spans: OF_SERVER,
  },
  'a web socket': {
    run: ({ socket }, mark) => askAll(socket, mark),
    spans: OF_SERVER,
  },
  errors: {
    async run({ remote, socket }, mark) {
      for (const client of [remote, socket]) {
        await failing(client.execute(REFUSED))
        await failing(client.batch([REFUSED]))
        mark('after')
      }
    },
    spans: [1, 2, 3, 4].map(() => ({ ...NOPE, status: 'SQLITE_ERROR' })),
  },
}
