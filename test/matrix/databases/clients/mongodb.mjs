import { elsewhere, failing, proxy } from '../support.mjs'

export const service = 'mongodb'
export const attributes = { 'db.system.name': 'mongodb', 'db.namespace': 'test' }
export const beside = /^(?:endSessions|killCursors|distinct)/

export async function setUp(load, env) {
  const bson = await load('mongodb')
  const { MongoClient } = bson
  const client = await new MongoClient(`mongodb://127.0.0.1:${env.MONGODB_PORT}`, { maxPoolSize: 1 }).connect()
  const items = client.db('test').collection('items')
  await items.deleteMany({})
  return { bson, MongoClient, client, items, port: env.MONGODB_PORT }
}

const aborted = { signal: AbortSignal.abort() }

export const steps = {
  promise: {
    async run({ items }, mark) {
      await items.insertOne({ _id: 1, text: 'secret' })
      mark('after await')
      await items.findOne({ text: 'secret' })
      await items.updateOne({ _id: 1 }, { $set: { text: 'secret' } })
      await items.deleteOne({ _id: 1 })
    },
    spans: [
      { name: 'insert items', text: '{"insert":"?","documents":[{"_id":"?","text":"?"}],"ordered":"?"}' },
      { name: 'find items' },
      { name: 'update items' },
      { name: 'delete items' },
    ],
  },
  'commands of a collection': {
    async run({ items }) {
      await items.aggregate([{ $group: { _id: '$text', n: { $sum: 1 } } }]).toArray()
      await items.countDocuments({ text: 'secret' })
      await items.findOneAndUpdate({ _id: 1 }, { $set: { text: 'secret' } })
    },
    spans: [{ name: 'aggregate items' }, { name: 'aggregate items' }, { name: 'findAndModify items' }],
  },
  'many documents': {
    async run({ items }) {
      await items.insertMany(Array.from({ length: 900 }, (_, i) => ({ _id: `secret${i}`, text: 'x'.repeat(1000) })))
    },
    spans: [{ name: 'insert items' }],
  },
  cursor: {
    async run({ items }, mark) {
      let n = 0
      for await (const item of items.find({}, { batchSize: 2 }).limit(3)) n += item === null ? 0 : 1
      mark(`after ${n}`)
    },
    spans: [{ name: 'find items' }, { name: 'getMore items' }],
  },
  'waiting for the pool': {
    async run({ items }, mark) {
      const held = elsewhere(() => items.distinct('text'))
      await Promise.all([items.findOne({}).then(() => mark('first')), items.findOne({}).then(() => mark('second'))])
      await held
    },
    spans: [{ name: 'find items' }, { name: 'find items' }],
  },
  'values of all kinds': {
    isNew: true,
    async run({ items, bson: { Binary, Decimal128, Long, ObjectId, Timestamp, UUID } }, mark) {
      const values = [12n, Long.fromNumber(1), new ObjectId(), new UUID(), Decimal128.fromString('1.5'), /secret/, new Date(0), new Binary(Buffer.from('secret')), new Timestamp({ t: 1, i: 1 }), null, undefined, new Map([['secret', 1]])]
      await items.find({ $or: values.map((value) => ({ value })) }).toArray()
      mark('after')
    },
    spans: [{ name: 'find items' }],
  },
  errors: {
    async run({ items }, mark) {
      await items.insertOne({ _id: 7 })
      await failing(items.insertOne({ _id: 7, text: 'secret' }))
      mark('after a rejection')
    },
    spans: [{ name: 'insert items' }, { name: 'insert items', error: 'DuplicateKey', status: '11000' }],
  },
  aborted: {
    // mongodb 4.0 has no signals.
    isNew: true,
    async run({ items, client }, mark) {
      const { signal } = aborted
      await failing(items.findOne({ text: 'secret' }, { signal }))
      mark('after a rejection')
      await failing(items.find({}, { signal }).toArray())
      await failing(items.find({}, { signal }).forEach(() => {}))
      await failing(items.aggregate([], { signal }).next())
      await failing(client.db('test').command({ ping: 1 }, { signal }))
      const abort = new AbortController()
      const waiting = items.find({}, { signal: abort.signal }).toArray()
      abort.abort()
      await failing(waiting)
      // The reader leaves the cursor, which is no failure.
      for await (const _ of items.find({}, { batchSize: 1 })) break
      await items.find({}).stream().take(1).toArray()
    },
    server: null,
    spans: [
      ...['find', 'find', 'find', 'aggregate', 'find'].map((name) => ({ name: `${name} items`, error: 'AbortError' })),
      { name: 'ping', error: 'AbortError' },
      { name: 'find items' },
      { name: 'find items' },
    ],
  },
  'a pool without a free connection': {
    isNew: true,
    async run({ MongoClient, port }) {
      const server = await proxy(port)
      const client = new MongoClient(`mongodb://127.0.0.1:${server.port}`, { maxPoolSize: 1, waitQueueTimeoutMS: 1000 })
      const items = (await client.connect()).db('test').collection('items')
      await items.findOne({})
      server.hold()
      const lost = failing(items.insertOne({ text: 'secret' }))
      await failing(items.findOne({}))
      server.close()
      await lost
      await client.close()
    },
    server: null,
    spans: [
      { name: 'find items' },
      { name: 'find items', error: 'MongoWaitQueueTimeoutError' },
      { name: 'insert items', error: 'MongoNetworkError' },
    ],
  },
  'a client and a session that are closed': {
    isNew: true,
    async run({ MongoClient, client, items, port }) {
      const session = client.startSession()
      await session.endSession()
      await failing(items.insertOne({ text: 'secret' }, { session }))
      await failing(items.bulkWrite([{ insertOne: { document: { text: 'secret' } } }], { session }))
      const other = await new MongoClient(`mongodb://127.0.0.1:${port}`).connect()
      await other.close()
      await failing(other.db('test').collection('items').findOne({}))
    },
    spans: [
      { name: 'insert items', error: 'MongoExpiredSessionError' },
      { name: 'insert items', error: 'MongoExpiredSessionError' },
      { name: 'find items', error: 'MongoNotConnectedError|MongoClientClosedError' },
    ],
  },
  'writes in bulk': {
    async run({ items }) {
      await items.deleteMany({})
      await items.insertOne({ _id: 5 })
      const insertOne = { document: { _id: 5, text: 'secret' } }
      await failing(items.bulkWrite([{ insertOne }, { deleteOne: { filter: { _id: 5 } } }]))
      await failing(items.insertMany([{ _id: 5, text: 'secret' }]))
    },
    spans: [
      { name: 'delete items' },
      { name: 'insert items' },
      { name: 'insert items', error: 'DuplicateKey', status: '11000' },
      { name: 'insert items', error: 'DuplicateKey', status: '11000' },
    ],
  },
  'the frames of a failed call': {
    // mongodb 4.0 has none of the app in them.
    isNew: true,
    async run({ client }) {
      const { stack } = await failing(inRepository(client))
      if (!stack.includes('inRepository')) throw new Error(`the frames of the app are gone: ${stack}`)
    },
    spans: [{ name: 'nope', error: 'CommandNotFound', status: '59' }],
  },
  refused: {
    // mongodb 4.0 has to be connected before it is asked.
    isNew: true,
    async run({ MongoClient }) {
      const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 50 })
      // The first failure closes the topology, which the later ones find closed.
      const db = client.db('test')
      const items = db.collection('items')
      await failing(items.findOne({}))
      await failing(items.aggregate([{ $match: { text: 'secret' } }]).toArray())
      await failing(db.aggregate([{ $currentOp: {} }]).toArray())
      await failing(items.countDocuments({ text: 'secret' }))
      await failing(items.estimatedDocumentCount())
      await failing(items.findOneAndUpdate({ text: 'secret' }, { $set: { text: 'secret' } }))
      await failing(items.drop())
      await failing(items.watch().next())
      await failing(items.dropIndex('secret'))
      await failing(items.indexes())
      await failing(db.createCollection('items'))
      await failing(db.command({ ping: 1 }))
      await client.close()
    },
    server: 1,
    spans: [
      'find items',
      'aggregate items',
      'aggregate',
      'aggregate items',
      'count items',
      'findAndModify items',
      'drop items',
      'aggregate items',
      'dropIndexes items',
      'listIndexes items',
      'create items',
      'ping',
    ].map((name) => ({ name, error: 'MongoServerSelectionError|MongoTopologyClosedError' })),
  },
}

async function inRepository(client) {
  return await client.db('test').command({ nope: 1 })
}
