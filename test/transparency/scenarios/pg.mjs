// packages: pg
// services: postgres
import { EventEmitter } from 'node:events'

export default async function ({ loadDefault, say, attempt }) {
  const pg = await loadDefault('pg')
  say('exports', Object.keys(pg))
  const { Client, Pool, Query } = pg
  say(
    'functions',
    Client,
    Client.prototype.query,
    Client.prototype.connect,
    Pool.prototype.query,
    Pool.prototype.connect,
  )
  const client = new Client()
  await attempt('connect', () => client.connect().then((returned) => returned?.constructor.name))
  const seen = ({ rows, rowCount, command, fields }) => ({
    rows,
    rowCount,
    command,
    fields: fields.map(({ name }) => name),
  })
  const config = Object.freeze({ text: 'select $1::int as n', values: Object.freeze([1]) })
  await attempt('frozen config', () => client.query(config).then(seen))
  await attempt('text and values', () => client.query('select $1::text as t', ['x']).then(seen))
  await attempt('row mode', () => client.query({ text: 'select 1, 2', rowMode: 'array' }).then(seen))
  await attempt('syntax error', async function asks() {
    return await client.query('selekt 1')
  })
  await attempt('no query', () => client.query(undefined))
  await new Promise((resolve) => {
    const returned = client.query('select 1 as one', function (error, result) {
      say('callback', error, seen(result), arguments.length)
      resolve()
    })
    say('with a callback returns', returned)
  })
  await new Promise((resolve) => {
    client.query('selekt 1', (error, result) => {
      say('callback with an error', error.code, error.message, result)
      resolve()
    })
  })
  const query = new Query('select generate_series(1, 3) as n')
  say('a submitted query is returned', client.query(query) === query, query instanceof EventEmitter)
  const rows = []
  query.on('row', ({ n }) => rows.push(n))
  await new Promise((resolve) => query.on('end', resolve))
  say('rows', rows, query.listenerCount('row'), query.listenerCount('end'))
  say(
    'listeners',
    client.eventNames().map((name) => [String(name), client.listenerCount(name)]),
  )
  await client.end()
  await attempt('after end', () => client.query('select 1'))
  await pool(Pool, { say, attempt, seen })
}

async function pool(Pool, { say, attempt, seen }) {
  const options = Object.freeze({ max: 1 })
  const pool = new Pool(options)
  await attempt('pool.query', () => pool.query('select 1 as one').then(seen))
  await attempt('pool.query with an error', async function asks() {
    return await pool.query('selekt 1')
  })
  const client = await pool.connect()
  const waiting = pool.query('select 2 as two').then(seen)
  say('counts', pool.totalCount, pool.idleCount, pool.waitingCount)
  client.release()
  say('waited', await waiting)
  await new Promise((resolve) => {
    const returned = pool.connect(function (error, connected, release) {
      say('connect by callback', error, typeof connected.query, typeof release, arguments.length)
      release()
      resolve()
    })
    say('connect by callback returns', returned)
  })
  say(
    'pool listeners',
    pool.eventNames().map((name) => [String(name), pool.listenerCount(name)]),
  )
  await pool.end()
  await attempt('after pool.end', () => pool.connect())
}
