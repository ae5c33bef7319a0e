// packages: lru-memoizer
// without-spans: its instrumentation keeps the context of callbacks
export default async function ({ loadDefault, load, say, attempt, format }) {
  const loaded = await loadDefault('lru-memoizer')
  const memoizer = typeof loaded === 'function' ? loaded : loaded.default
  if (format === 'import') say('names', Object.keys(await load('lru-memoizer')))
  say('memoizer', memoizer)
  const shared = { x: 1 }
  const options = Object.freeze({
    load: (a, b, done) => (a < 0 ? done(new Error(`no ${a}`)) : setImmediate(done, null, { sum: a + b, shared })),
    hash: (a, b) => `${a}-${b}`,
    max: 10,
  })
  const memoized = memoizer(options)
  say('memoized', memoized)
  const call = (...args) => new Promise((resolve) => memoized(...args, (...results) => resolve(results)))
  await attempt('called', () => call(1, 2))
  await attempt('called again', () => call(1, 2))
  await attempt('with an error', () => call(-1, 2))
  await attempt('without a callback', () => memoized(1, 2))
  await attempt('without arguments', () => memoized())
  for (const method of ['on', 'once', 'keys', 'del', 'reset']) say(method, typeof memoized[method])
  if (memoized.keys) say('keys', memoized.keys())
  if (memoized.del) say('deleted', memoized.del(1, 2), memoized.keys?.())
  if (memoized.on) {
    memoized.on('miss', (...args) => say('miss', args.length))
    await call(3, 4)
  }
  const self = {}
  const own = memoizer({
    load(done) {
      done(null, this === self)
    },
    hash: () => 'one',
    max: 10,
  })
  await attempt('this', () => new Promise((resolve) => own.call(self, (_, is) => resolve(is))))
  if (memoizer.sync) {
    const sync = memoizer.sync({ load: (a) => a * 2, hash: (a) => a, max: 10 })
    say('sync', sync, sync(2), sync.keys?.())
  }
}
