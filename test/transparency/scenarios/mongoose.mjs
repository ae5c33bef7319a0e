// packages: mongoose
// versions: newest
// services: mongodb
export default async function ({ loadDefault, say, attempt, env }) {
  const mongoose = await loadDefault('mongoose')
  const { Schema, Model, Query, Aggregate } = mongoose
  say(
    'functions',
    Model.prototype.save,
    Query.prototype.exec,
    Aggregate.prototype.exec,
    Model.insertMany,
    Model.aggregate,
  )
  const schema = new Schema({ name: { type: String, required: true }, at: Number }, { versionKey: false })
  const hooks = []
  schema.pre('save', function () {
    hooks.push(['pre save', this.name])
  })
  schema.post('save', (document) => {
    hooks.push(['post save', document.name])
  })
  schema.post('find', (documents) => {
    hooks.push(['post find', documents.length])
  })
  // A database of its own: the scenario of the driver may run at the same time.
  const connection = await mongoose.createConnection(`mongodb://127.0.0.1:${env.MONGODB_PORT}/mongoose`).asPromise()
  const Thing = connection.model('Thing', schema)
  await Thing.deleteMany({})
  const created = await attempt('saved', async () =>
    (await new Thing({ name: 'a', at: 1 }).save()).toObject({ transform: withoutId }),
  )
  await attempt('invalid', async function service() {
    return await new Thing({}).save()
  })
  await attempt('found', async () =>
    (await Thing.find(Object.freeze({ name: 'a' })).lean()).map((each) => withoutId(undefined, each)),
  )
  const query = Thing.findOne({ name: 'a' })
  say('lazy', typeof query.then, query._executionStack)
  await attempt('executed', async () => (await query.exec()).name)
  await attempt('executed twice', async () => (await query.exec()).name)
  await attempt('inserted', async () =>
    (await Thing.insertMany(Object.freeze([{ name: 'b' }, { name: 'c' }]))).map(({ name }) => name),
  )
  await attempt('with a session', () =>
    connection.transaction === undefined
      ? undefined
      : connection.startSession().then(async (session) => {
          const count = await Thing.countDocuments({}).session(session)
          await session.endSession()
          return count
        }),
  )
  say('hooks', hooks)
  say('listeners', connection.eventNames().map(String))
  await connection.close()
}

function withoutId(_, { _id, ...rest }) {
  return rest
}
