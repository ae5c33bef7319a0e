import { createServer } from 'node:http'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import amqp from 'amqplib'
import cassandra from 'cassandra-driver'
import { Kafka, logLevel } from 'kafkajs'
import knex from 'knex'
import mongoose from 'mongoose'
import mysql from 'mysql'
import OpenAI from 'openai'
import oracledb from 'oracledb'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { Connection, Request, TYPES } from 'tedious'

// One request, and the secret goes through every client here, in each place that one may have.
const { SECRET, KAFKA_BROKER, AMQP_PORT, CASSANDRA_PORT, MSSQL_PORT, MYSQL_PORT, MONGODB_PORT, HTTP_PEERS } =
  process.env

async function kafka() {
  const client = new Kafka({ brokers: [KAFKA_BROKER], logLevel: logLevel.NOTHING })
  const producer = client.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: SECRET, value: SECRET, headers: { user: SECRET } }] })
  await producer.disconnect()
  // A group's first member waits three seconds for others.
  if (process.env.CONSUMES === 'false') return
  const consumer = client.consumer({ groupId: 'shop', maxWaitTimeInMs: 50 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders', fromBeginning: true })
  await new Promise((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(message) })
  })
  await consumer.disconnect()
}

async function messages() {
  const connection = await amqp.connect(`amqp://user:${SECRET}@127.0.0.1:${AMQP_PORT}`)
  const channel = await connection.createChannel()
  await channel.assertQueue('orders')
  const received = new Promise((resolve) => void channel.consume('orders', resolve, { noAck: true }))
  channel.sendToQueue('orders', Buffer.from(SECRET), { headers: { user: SECRET }, correlationId: 'c1' })
  await received
  await connection.close()
}

async function clouds() {
  const credentials = { accessKeyId: 'id', secretAccessKey: SECRET, sessionToken: SECRET }
  const options = { endpoint: HTTP_PEERS, region: 'eu-west-1', credentials }
  await new SNSClient(options).send(new PublishCommand({ PhoneNumber: '+15550100', Message: SECRET }))
  const item = { id: { S: SECRET } }
  await new DynamoDBClient(options).send(new PutItemCommand({ TableName: 'users', Item: item }))
}

async function models() {
  const client = new OpenAI({ apiKey: SECRET, baseURL: `${HTTP_PEERS}/v1` })
  await client.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: `My key: ${SECRET}` }] })
}

async function databases() {
  const client = new cassandra.Client({
    contactPoints: [`127.0.0.1:${CASSANDRA_PORT}`],
    localDataCenter: 'datacenter1',
    isMetadataSyncEnabled: false,
    credentials: { username: 'u', password: SECRET },
  })
  await client.execute(`SELECT * FROM users WHERE email = '${SECRET}'`)
  await client.execute('SELECT * FROM users WHERE email = ?', [SECRET])
  await client.execute(`INSERT INTO users (id) VALUES ('${SECRET}')`).catch(() => {})
  await client.shutdown()
  await sqlServer()
  const where = { user: 'u', password: SECRET, connectString: `127.0.0.1:1/x?transport_connect_timeout=1` }
  await oracledb.getConnection(where).catch(() => {})
}

async function builders() {
  const connection = { host: '127.0.0.1', port: Number(MYSQL_PORT), user: 'u', password: SECRET }
  const shop = knex({ client: 'mysql2', connection })
  await shop('users').where({ email: SECRET }).select('id')
  await shop.raw(`SELECT '${SECRET}'`)
  await shop.raw(`INSERT INTO users VALUES ('${SECRET}')`).catch(() => {})
  await shop.destroy()
  const old = mysql.createConnection(connection)
  const query = (...args) => new Promise((resolve) => old.query(...args, resolve))
  await query('SELECT * FROM users WHERE email = ?', [SECRET])
  await query(`INSERT INTO users VALUES ('${SECRET}')`)
  old.destroy()
  await mongoose.connect(`mongodb://127.0.0.1:${MONGODB_PORT}/shop`)
  const User = mongoose.model('User', new mongoose.Schema({ email: String }))
  await User.findOne({ email: SECRET })
  await User.create({ email: SECRET })
  await mongoose.disconnect()
}

async function sockets() {
  const hub = new Server(0)
  const told = new Promise((resolve) => {
    hub.on('connection', (socket) => socket.on('order', (...args) => resolve(socket.emit('done', ...args))))
  })
  const client = io(`http://127.0.0.1:${hub.httpServer.address().port}?token=${SECRET}`, { auth: { token: SECRET } })
  client.emit('order', { email: SECRET }, SECRET)
  await told
  client.close()
  await hub.close()
}

async function sqlServer() {
  const authentication = { type: 'default', options: { userName: 'u', password: SECRET } }
  const options = { port: Number(MSSQL_PORT), encrypt: false, database: 'shop' }
  const connection = new Connection({ server: '127.0.0.1', authentication, options })
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())))
  const run = (text, method) =>
    new Promise((resolve) => {
      const request = new Request(text, resolve)
      if (text.includes('@email')) request.addParameter('email', TYPES.NVarChar, SECRET)
      connection[method](request)
    })
  await run('SELECT * FROM users WHERE email = @email', 'execSql')
  await run(`SELECT * FROM users WHERE email = '${SECRET}'`, 'execSqlBatch')
  await run(`INSERT INTO users VALUES ('${SECRET}')`, 'execSqlBatch')
  connection.close()
}

const server = createServer(async (request, response) => {
  if (request.url === '/all') {
    const failures = []
    for (const part of [kafka, messages, clouds, models, databases, builders, sockets]) {
      await part().catch((thrown) => failures.push(`${part.name}: ${thrown.stack}`))
    }
    response.statusCode = failures.length === 0 ? 200 : 500
    response.end(failures.join('\n'))
    return
  }
  response.end('ok')
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
