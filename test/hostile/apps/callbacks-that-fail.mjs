import { metrics } from '@opentelemetry/api'

/** Has callbacks fail in every way, beside one that reports, until it is told to end. */
const FAILS = {
  'rejects with null': () => Promise.reject(null),
  'rejects with undefined': () => Promise.reject(undefined),
  'throws null': () => {
    throw null
  },
  'throws an object whose name throws': () => {
    throw {
      get name() {
        throw new Error('of the app')
      },
    }
  },
  'throws an error whose name and message are symbols': () => {
    throw Object.assign(new Error('of the app'), { name: Symbol('name'), message: Symbol('message') })
  },
  'throws a proxy': () => {
    throw new Proxy(new Error('of the app'), {
      get() {
        throw new Error('trap')
      },
      getPrototypeOf() {
        throw new Error('trap')
      },
    })
  },
  'observes with attributes that throw': (result) =>
    result.observe(
      1,
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error('trap')
          },
        },
      ),
    ),
}

const meter = metrics.getMeter('app')
for (const [name, fails] of Object.entries(FAILS))
  meter.createObservableGauge(name.replaceAll(' ', '.')).addCallback(fails)
meter.createObservableGauge('good').addCallback((result) => result.observe(5))
process.stdin.on('end', () => process.exit(0)).resume()
