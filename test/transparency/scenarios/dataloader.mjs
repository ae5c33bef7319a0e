// packages: dataloader
export default async function ({ loadDefault, say, attempt }) {
  const DataLoader = await loadDefault('dataloader')
  say('class', DataLoader, DataLoader.prototype.constructor === DataLoader)
  say('methods', ...['load', 'loadMany', 'clear', 'clearAll', 'prime'].map((name) => DataLoader.prototype[name]))
  await attempt('without a function', () => new DataLoader())
  const asked = []
  const loader = new DataLoader(
    async function batch(keys) {
      asked.push([...keys], arguments.length, this === loader)
      return keys.map((key) => (key < 0 ? Object.assign(new RangeError(`no ${key}`), { code: 'E_KEY' }) : key * 2))
    },
    Object.freeze({ maxBatchSize: 3 }),
  )
  say('instance', loader.constructor === DataLoader, loader instanceof DataLoader)
  say('promises', loader.load(1) instanceof Promise)
  await attempt('all', () =>
    Promise.all([loader.load(1), loader.load(2), loader.load(1), loader.load(3), loader.load(4)]),
  )
  await attempt('many', () => loader.loadMany([1, -1, 9]))
  await attempt('rejected', async function asks() {
    return await loader.load(-2)
  })
  await attempt('nothing', () => loader.load())
  await attempt('no list', () => loader.loadMany(1))
  say('chained', loader.clear(1) === loader, loader.clearAll() === loader, loader.prime(7, 70) === loader)
  await attempt('primed', () => loader.load(7))
  say('asked', asked)
  // Older versions throw it where nobody can catch it.
  let crash
  const crashed = new Promise((resolve) => (crash = ({ message }) => resolve(`uncaught: ${message}`)))
  process.once('uncaughtException', crash)
  const throwing = new DataLoader(() => {
    throw new Error('at once')
  })
  await attempt('a batch that throws', () => Promise.race([throwing.load(1), crashed]))
  process.off('uncaughtException', crash)
  await attempt('a batch without a promise', () => new DataLoader((keys) => keys).load(1))
  let runs = 0
  const lazy = new DataLoader((keys) => ({
    then(resolve) {
      runs += 1
      return Promise.resolve(keys).then(resolve)
    },
  }))
  await attempt('a thenable that runs when it is asked', () => lazy.load(1))
  say('runs', runs)
  class Loader extends DataLoader {
    load(key) {
      return super.load(key + 1)
    }
  }
  await attempt('a subclass', () => new Loader(async (keys) => keys).load(1))
  for (const other of [undefined, {}, { _batchLoadFn: 1 }]) {
    await attempt('another this', () => DataLoader.prototype.load.call(other, 1))
  }
  let batches = 0
  const proxied = new DataLoader(async (keys) => keys.map(() => (batches += 1)))
  await attempt('a proxy', () => new Proxy(proxied, {}).load(1))
  say('batches', batches)
  process.once('unhandledRejection', ({ message }) => say('unhandled', message))
  void loader.load(-3)
  await new Promise((resolve) => setTimeout(resolve, 20))
}
