import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import grpc from '@grpc/grpc-js'
import { buildSchema, graphql } from 'graphql'
import { MongoClient } from 'mongodb'

/**
 * Sends a secret through the places of gRPC, GraphQL, MongoDB and AWS that take texts of users, and has each of them fail with it. Names of
 * fields are none of these: they stay.
 */
const { SECRET, MONGODB_PORT } = process.env
const requireClient = createRequire(new URL('../../clients/use-clients.mjs', import.meta.url))
const ignore = () => {}

/** A resolver: what it throws is the app's own word, as what it throws anywhere else is. */
const fail = () => {
  throw new Error('no such user')
}

async function graphs() {
  const schema = buildSchema(
    'type Query { user(id: Int, name: String): String } type Mutation { drop(id: ID): String }',
  )
  const sources = [
    `{ user(name: "${SECRET}") }`,
    `{ user(id: "${SECRET}") }`,
    `{ user(name: "${SECRET}") `,
    `mutation { drop(id: "${SECRET}") @nosuch(a: "${SECRET}") }`,
    `{ alias: user(name: """${SECRET}""") # ${SECRET}\n }`,
    `{ user(name: "\\u{53}${SECRET}", id: ["${SECRET}", {a: "${SECRET}"}]) }`,
  ]
  for (const source of sources) await graphql({ schema, source, rootValue: { user: fail } })
  const source = 'query Named($id: Int) { user(id: $id) }'
  await graphql({ schema, source, variableValues: { id: SECRET }, contextValue: { token: SECRET } })
}

const asIs = (bytes) => bytes
const method = (path, responseStream) => ({
  path,
  requestStream: false,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
})

async function remoteCalls() {
  const service = { ask: method('/shop.Shop/Ask', false), list: method('/shop.Shop/List', true) }
  const trailers = () => {
    const metadata = new grpc.Metadata()
    metadata.set('set-cookie', SECRET)
    metadata.set('x-session-token', SECRET)
    metadata.set('error-bin', Buffer.from(SECRET))
    return metadata
  }
  const server = new grpc.Server()
  server.addService(service, {
    ask: (call, answer) => {
      call.sendMetadata(trailers())
      answer({ code: grpc.status.UNAUTHENTICATED, details: 'not known', metadata: trailers() })
    },
    list: (call) => {
      call.sendMetadata(trailers())
      call.write(call.request)
      call.end(trailers())
    },
  })
  const credentials = grpc.ServerCredentials.createInsecure()
  const port = await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  )
  const Client = grpc.makeGenericClientConstructor(service, 'Shop')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const metadata = new grpc.Metadata()
  for (const name of ['authorization', 'cookie', 'x-api-key', 'x-session-token']) metadata.set(name, SECRET)
  metadata.set('secret-bin', Buffer.from(SECRET))
  await new Promise((resolve) => client.ask(Buffer.from(SECRET), metadata, resolve))
  await new Promise((resolve) =>
    client.list(Buffer.from(SECRET), metadata).on('error', resolve).on('data', ignore).on('end', resolve),
  )
  client.close()
  server.forceShutdown()
}

async function documents() {
  if (MONGODB_PORT === undefined) return
  const mongo = new MongoClient(`mongodb://127.0.0.1:${MONGODB_PORT}/?appName=shop`)
  const users = mongo.db('shop').collection('users')
  await users.createIndex({ email: 1 }, { unique: true }).catch(ignore)
  await users.insertOne({ email: SECRET }).catch(ignore)
  await users.insertOne({ email: SECRET }).catch(ignore)
  await users.insertMany([{ email: SECRET }], { comment: SECRET }).catch(ignore)
  await users.findOne({ $where: `this.email == '${SECRET}'` }).catch(ignore)
  await users.findOne({ email: new RegExp(SECRET) }).catch(ignore)
  await users.findOne({ email: { $nosuch: SECRET } }).catch(ignore)
  await users.updateOne({ email: SECRET }, { $set: { 'a.b': SECRET } }).catch(ignore)
  await users.updateOne({ email: SECRET }, { $nosuch: { a: SECRET } }).catch(ignore)
  await users
    .aggregate([{ $match: { email: SECRET } }, { $nosuch: SECRET }])
    .toArray()
    .catch(ignore)
  await users.distinct('email', { email: SECRET }).catch(ignore)
  await users.deleteMany({ email: { $in: [SECRET, SECRET] } }).catch(ignore)
  await mongo.db('shop').command({ nosuch: SECRET }).catch(ignore)
  await mongo.db('shop').command({ usersInfo: SECRET }).catch(ignore)
  await mongo.close()
}

/** Answers as AWS does that refuse what they were sent, and say what that was. */
async function clouds() {
  const server = createServer((request, response) => {
    request.resume()
    const message = `Invalid parameter: PhoneNumber Reason: ${SECRET} is not valid; User: arn:aws:iam::1:user/${SECRET}`
    const isJson = request.headers['x-amz-target'] !== undefined
    const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
    const json = JSON.stringify({ __type: 'ValidationException', message })
    response
      .writeHead(400, { 'content-type': isJson ? 'application/x-amz-json-1.0' : 'text/xml' })
      .end(isJson ? json : xml)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const config = {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: SECRET, secretAccessKey: SECRET, sessionToken: SECRET },
    maxAttempts: 1,
  }
  const { SNSClient, PublishCommand } = requireClient('@aws-sdk/client-sns')
  const { DynamoDBClient, PutItemCommand, QueryCommand } = requireClient('@aws-sdk/client-dynamodb')
  const sns = new SNSClient(config)
  const attributes = { user: { DataType: 'String', StringValue: SECRET } }
  await sns
    .send(new PublishCommand({ PhoneNumber: '+15551234567', Message: SECRET, MessageAttributes: attributes }))
    .catch(ignore)
  const dynamo = new DynamoDBClient(config)
  await dynamo.send(new PutItemCommand({ TableName: 'users', Item: { id: { S: SECRET } } })).catch(ignore)
  const query = {
    TableName: 'users',
    KeyConditionExpression: 'id = :id',
    ExpressionAttributeValues: { ':id': { S: SECRET } },
  }
  await dynamo.send(new QueryCommand(query)).catch(ignore)
  server.close()
}

createServer((_, response) => {
  Promise.all([graphs(), remoteCalls(), documents(), clouds()]).then(
    () => response.end('done'),
    (error) => response.end(error.stack),
  )
}).listen(0, '127.0.0.1', function () {
  console.log(`listening ${this.address().port}`)
})
