import { failing } from '../support.mjs'

/** Its spans are those of the driver. */
export const service = 'mongodb'
export const attributes = { 'db.system.name': 'mongodb', 'db.namespace': 'of_mongoose' }
export const beside = /^(?:endSessions|killCursors)/

export async function setUp(load, env) {
  const { default: mongoose } = await load('mongoose')
  await mongoose.connect(`mongodb://127.0.0.1:${env.MONGODB_PORT}/of_mongoose`, { autoIndex: false, autoCreate: false })
  const Item = mongoose.model('Item', new mongoose.Schema({ text: String }))
  await Item.deleteMany({})
  return { mongoose, Item }
}

export const steps = {
  promise: {
    async run({ Item }, mark) {
      const item = await Item.create({ text: 'secret' })
      mark('after create')
      await Item.findOne({ text: 'secret' })
      await item.deleteOne()
      mark('after delete')
    },
    spans: [{ name: 'insert items' }, { name: 'find items' }, { name: 'delete items' }],
  },
  'aggregate and cursor': {
    async run({ Item }, mark) {
      await Item.insertMany([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
      await Item.aggregate([{ $match: { text: 'secret' } }])
      for await (const item of Item.find().cursor({ batchSize: 2 })) void item
      mark('after the cursor')
    },
    spans: [{ name: 'insert items' }, { name: 'aggregate items' }, { name: 'find items' }, { name: 'getMore items' }],
  },
  errors: {
    async run({ Item }, mark) {
      const { _id } = await Item.create({ text: 'secret' })
      await failing(Item.create({ _id, text: 'secret' }))
      mark('after a rejection')
    },
    spans: [{ name: 'insert items' }, { name: 'insert items', error: 'DuplicateKey', status: '11000' }],
  },
}
