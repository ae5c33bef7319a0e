import { called, failing } from '../support.mjs'

export const service = 'memcached'
export const attributes = { 'db.system.name': 'memcached' }

export async function setUp(load, env) {
  const Memcached = (await load('memcached')).default
  const server = `127.0.0.1:${env.MEMCACHED_PORT}`
  // Its connection was opened outside of any request.
  const pooled = new Memcached(server, { poolSize: 1 })
  await called((done) => pooled.get('k', done))
  return { Memcached, server, memcached: new Memcached(server), pooled }
}

export const steps = {
  callback: {
    async run({ memcached }, mark) {
      await called((done) => memcached.set('k', 'secret', 10, (...all) => (mark('after set'), done(...all))))
      await called((done) => memcached.get('k', (...all) => (mark('after get'), done(...all))))
      await called((done) => memcached.getMulti(['k', 'l'], (...all) => (mark('after getMulti'), done(...all))))
      const { cas } = await called((done) => memcached.gets('k', done))
      await called((done) => memcached.cas('k', 'secret', cas, 10, done))
      await called((done) => memcached.touch('k', 20, done))
      await called((done) => memcached.del('k', done))
      await called((done) => memcached.version((...all) => (mark('after version'), done(...all))))
    },
    spans: [
      { name: 'set', text: 'set k ?', attributes: { 'db.operation.name': 'set' } },
      { name: 'get', text: 'get k' },
      { name: 'get', text: 'get k l' },
      { name: 'gets', text: 'gets k' },
      { name: 'cas', text: 'cas k ?' },
      { name: 'touch', text: 'touch k ?' },
      { name: 'delete', text: 'delete k' },
      { name: 'version', text: 'version' },
    ],
  },
  errors: {
    async run({ memcached }, mark) {
      await failing(called((done) => memcached.incr('no number', 1, (...all) => (mark('in a callback'), done(...all)))))
      await failing(called((done) => memcached.set('k', 'secret'.repeat(200_000), 10, (...all) => (mark('refused'), done(...all)))))
      await failing(called((done) => memcached.set('k', 'secret', 'no time', done)))
      // The client does not send it, and tells nobody.
      memcached.set('unsent', 'secret', 10)
      if ((await called((done) => memcached.get('unsent', done))) !== undefined) throw new Error('sent')
    },
    spans: [
      { name: 'incr', error: 'Error' },
      { name: 'set', error: 'Error' },
      { name: 'set', error: 'Error' },
      { name: 'set', error: 'Error' },
      { name: 'get' },
    ],
  },
  'a command of its own': {
    async run({ memcached }, mark) {
      const command = (callback) => memcached.command(() => ({ command: 'set own 0 10 6\r\nsecret', type: 'own', callback }))
      await called((done) => command((...all) => (mark('after'), done(...all))))
      command(undefined)
    },
    spans: [{ name: 'own', text: 'own' }, { name: 'own', text: 'own' }],
  },
  'waiting for a connection': {
    async run({ pooled }, mark) {
      const each = (name) => called((done) => pooled.get('k', (...all) => (mark(name), done(...all))))
      await Promise.all([each('first'), each('second')])
    },
    spans: [{ name: 'get' }, { name: 'get' }],
  },
  'a queue that is full': {
    async run({ Memcached, server }) {
      const memcached = new Memcached(server, { maxQueueSize: 1 })
      const first = called((done) => memcached.get('k', done))
      await failing(called((done) => memcached.get('k', done)))
      await first
    },
    spans: [{ name: 'get' }, { name: 'get', error: '_OTHER' }],
  },
  refused: {
    async run({ Memcached }, mark) {
      const memcached = new Memcached('127.0.0.1:1', { retries: 0, failures: 0, timeout: 1000 })
      await failing(called((done) => memcached.get('k', (...all) => (mark('in a callback'), done(...all)))))
      await failing(called((done) => memcached.getMulti(['k', 'l'], done)))
    },
    server: 1,
    spans: [
      { name: 'get', text: 'get k', error: 'ECONNREFUSED' },
      { name: 'get', text: 'get k l', error: 'Error' },
    ],
  },
}
