// packages: mongodb
// versions: newest
// services: mongodb
export default async function ({ load, say, attempt, env }) {
  const { MongoClient, Collection } = await load('mongodb')
  say(
    'functions',
    MongoClient,
    MongoClient.prototype.connect,
    Collection.prototype.insertOne,
    Collection.prototype.find,
  )
  const client = new MongoClient(`mongodb://127.0.0.1:${env.MONGODB_PORT}`)
  await attempt('connect', async () => (await client.connect()) === client)
  const collection = client.db('transparency').collection('things')
  await collection.deleteMany({})
  const document = Object.freeze({ _id: 1, name: 'a' })
  await attempt('insert', () => collection.insertOne(document))
  await attempt('find', () => collection.find(Object.freeze({ name: 'a' })).toArray())
  await attempt('duplicate', async function repository() {
    return await collection.insertOne(document).catch(({ name, code, message }) => [name, code, message])
  })
  await attempt('an error of the server', async function repository() {
    return await client.db('test').command({ nope: 1 })
  })
  say('client', client.eventNames().map(String), client.listenerCount('connectionCreated'))
  await attempt('session', () =>
    client.withSession(async (session) => await collection.countDocuments({}, { session })),
  )
  await client.close()
}
