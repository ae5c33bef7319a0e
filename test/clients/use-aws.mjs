import { once } from 'node:events'
import { createServer } from 'node:http'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'

// Calls of the AWS SDK for a service that answers, one that answers the second time, one that refuses and one that is not there.
let attempts = 0
const service = createServer(async (request, response) => {
  const text = Buffer.concat(await request.toArray()).toString()
  const isFlaky = text.includes('"flaky"') && attempts++ % 2 === 0
  if (isFlaky || text.includes('"refused"')) {
    response.statusCode = isFlaky ? 500 : 400
    const type = isFlaky ? 'InternalServerError' : 'ResourceNotFoundException'
    return response.end(JSON.stringify({ __type: `com.amazonaws#${type}`, message: 'told' }))
  }
  if (!text.startsWith('{'))
    return response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>')
  response.setHeader('content-type', 'application/x-amz-json-1.0')
  response.end('{}')
})
service.listen(0, '127.0.0.1')
await once(service, 'listening')

const settings = (port) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
})
const dynamo = new DynamoDBClient(settings(service.address().port))
const topics = new SNSClient(settings(service.address().port))
const away = new DynamoDBClient({ ...settings(1), maxAttempts: 1 })
const item = (table) => ({ TableName: table, Key: { id: { S: '1' } } })

// As `@aws-sdk/s3-request-presigner` does it.
async function presign(command) {
  const stack = dynamo.middlewareStack.clone()
  stack.addRelativeTo(
    () => async () => ({ response: {}, output: { $metadata: { httpStatusCode: 200 }, presigned: {} } }),
    {
      name: 'presignInterceptMiddleware',
      relation: 'before',
      toMiddleware: 'awsAuthMiddleware',
      override: true,
    },
  )
  return await command.resolveMiddleware(stack, dynamo.config, {})({ input: command.input })
}

const CALLS = {
  '/put': () => dynamo.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: '1' } } })),
  '/publish': () => topics.send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-central-1:1:orders', Message: 'text' })),
  '/flaky': () => dynamo.send(new GetItemCommand(item('flaky'))),
  '/refused': () => dynamo.send(new GetItemCommand(item('refused'))),
  '/away': () => away.send(new GetItemCommand(item('away'))),
  '/presign': () => presign(new GetItemCommand(item('orders'))),
  '/callback': () => new Promise((resolve) => dynamo.send(new GetItemCommand(item('orders')), resolve)),
}

const server = createServer((request, response) => {
  CALLS[request.url]().then(
    () => response.end('answered'),
    (error) => response.end(error.name),
  )
}).listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
