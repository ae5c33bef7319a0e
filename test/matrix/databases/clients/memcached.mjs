import { called, failing } from '../support.mjs'

export const service = 'memcached'
export const attributes = { 'db.system.name': 'memcached' }

export async function setUp(load, env) {
  const Memcached = (await load('memcached')).default
  return { memcached: new Memcached(`127.0.0.1:${env.MEMCACHED_PORT}`) }
}

export const steps = {
  callback: {
    async run({ memcached }, mark) {
      await called((done) => memcached.set('k', 'secret', 10, (...all) => (mark('after set'), done(...all))))
      await called((done) => memcached.get('k', (...all) => (mark('after get'), done(...all))))
      await called((done) => memcached.getMulti(['k', 'l'], (...all) => (mark('after getMulti'), done(...all))))
      await called((done) => memcached.del('k', done))
    },
    spans: [{ name: 'memcached set' }, { name: 'memcached get' }, { name: 'memcached get' }, { name: 'memcached delete' }],
  },
  errors: {
    async run({ memcached }) {
      await failing(called((done) => memcached.incr('no number', 1, done)))
    },
    spans: [{ name: 'memcached incr', error: 'Error' }],
  },
}
