/** A batch is no call of a client: its span is an internal one. */
export const attributes = {}
export const isLocal = true
export const isUnmeasured = true
export const countsInternal = true

export async function setUp(load) {
  return { DataLoader: (await load('dataloader')).default }
}

export const steps = {
  'one batch for all loads': {
    async run({ DataLoader }, mark) {
      const loader = new DataLoader(async (keys) => keys.map((key) => `secret ${key}`))
      await Promise.all([loader.load(1), loader.load(2), loader.loadMany([3, 1])])
      mark('after loads')
      loader.prime(4, 'secret').clear(1).clearAll()
    },
    spans: [{ name: 'dataloader.batch', kind: 'internal' }],
  },
  'a name': {
    isNew: true,
    async run({ DataLoader }) {
      await new DataLoader(async (keys) => keys, { name: 'users' }).load(1)
    },
    spans: [{ name: 'dataloader.batch users', kind: 'internal' }],
  },
  errors: {
    async run({ DataLoader }, mark) {
      const loader = new DataLoader(async () => Promise.reject(new RangeError('no batch')))
      await Promise.allSettled([loader.load(1), loader.load(2)])
      mark('after a rejection')
    },
    spans: [{ name: 'dataloader.batch', kind: 'internal', error: 'RangeError' }],
  },
}
