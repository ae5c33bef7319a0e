// covers: aws-sdk
// packages: @aws-sdk/client-sqs
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

export default async function ({ load, say, attempt }) {
  const { SQSClient, SQS, SendMessageCommand, SendMessageBatchCommand, ReceiveMessageCommand, GetQueueUrlCommand } =
    await load('@aws-sdk/client-sqs')
  const asked = []
  const server = createServer((request, response) => serve(request, response, asked))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${server.address().port}`
  const options = {
    region: 'eu-west-1',
    endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  }
  const client = new SQSClient(options)
  say(
    'functions',
    client.send,
    client.middlewareStack.clone,
    client.middlewareStack.resolve,
    client.middlewareStack.concat,
  )
  const QueueUrl = `${endpoint}/123/orders`
  const seen = ({ $metadata, ...output }) => output
  const attributes = Object.freeze({ a: Object.freeze({ DataType: 'String', StringValue: '1' }) })
  const frozen = Object.freeze({ QueueUrl, MessageBody: 'body', MessageAttributes: attributes })
  const command = Object.freeze(new SendMessageCommand(frozen))
  await attempt('send frozen', () => client.send(command).then(seen))
  await attempt('send it again', () => client.send(command).then(seen))
  say('command', Reflect.ownKeys(command).map(String), command.input === frozen)
  const plain = { QueueUrl, MessageBody: 'body' }
  await attempt('send plain', () => client.send(new SendMessageCommand(plain)).then(seen))
  const batch = { QueueUrl, Entries: Object.freeze([Object.freeze({ Id: '1', MessageBody: 'body' })]) }
  await attempt('send a batch', () => client.send(new SendMessageBatchCommand(batch)).then(seen))
  const receive = { QueueUrl, MessageAttributeNames: ['x'] }
  await attempt('receive', () => client.send(new ReceiveMessageCommand(receive)).then(seen))
  say('inputs', Object.keys(plain), Object.keys(batch.Entries[0]), receive.MessageAttributeNames)
  await new Promise((resolve) => {
    const returned = client.send(new GetQueueUrlCommand({ QueueName: 'orders' }), function (error, output) {
      say('callback', error, seen(output).QueueUrl, arguments.length)
      resolve()
    })
    say('with a callback returns', returned)
  })
  await attempt('a method', () => new SQS(options).sendMessage(plain).then(seen))
  const steps = []
  const own = new SQSClient(options)
  own.middlewareStack.add(
    (next) => async (args) => {
      steps.push(args.input.MessageBody, args instanceof SendMessageCommand)
      return next(args)
    },
    { step: 'initialize', name: 'own' },
  )
  await attempt('with an own middleware', () => own.send(new SendMessageCommand(frozen)).then(seen))
  say('steps', steps)
  const failing = new SQSClient(options)
  failing.middlewareStack.add(
    () => async () => {
      throw Object.assign(new RangeError('of the app'), { code: 'E_APP' })
    },
    { step: 'build' },
  )
  await attempt('a middleware that fails', async function asks() {
    return await failing.send(new SendMessageCommand(frozen))
  })
  await attempt('refused', () =>
    client
      .send(new SendMessageCommand({ QueueUrl, MessageBody: 'refused' }))
      .catch(({ name, message, $metadata }) => [name, message, $metadata.httpStatusCode]),
  )
  for (const input of [undefined, { QueueUrl: 5, MessageBody: 'x' }]) {
    await attempt('wrong input', () =>
      client.send(new SendMessageCommand(input)).catch(({ name, constructor }) => [name, constructor.name]),
    )
  }
  say('requests', asked)
  server.close()
  server.closeAllConnections()
}

const MD5 = createHash('md5').update('body').digest('hex')

function serve(request, response, asked) {
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    const isJson = request.headers['content-type']?.includes('json')
    const action = isJson ? request.headers['x-amz-target'].split('.')[1] : new URLSearchParams(body).get('Action')
    asked.push(action)
    const isRefused = body.includes('refused')
    response.writeHead(isRefused ? 400 : 200, { 'content-type': isJson ? 'application/x-amz-json-1.0' : 'text/xml' })
    if (isRefused)
      return response.end(
        isJson
          ? '{"__type":"Refused","message":"no"}'
          : '<ErrorResponse><Error><Code>Refused</Code><Message>no</Message></Error></ErrorResponse>',
      )
    response.end(
      isJson
        ? JSON.stringify(ANSWERS[action])
        : `<${action}Response><${action}Result>${XML[action] ?? ''}</${action}Result></${action}Response>`,
    )
  })
}

const SENT = { MessageId: 'm1', MD5OfMessageBody: MD5 }
const ANSWERS = {
  SendMessage: SENT,
  SendMessageBatch: { Successful: [{ Id: '1', ...SENT }], Failed: [] },
  ReceiveMessage: { Messages: [{ MessageId: 'm1', Body: 'body', MD5OfBody: MD5 }] },
  GetQueueUrl: { QueueUrl: 'http://queue' },
}
const SENT_XML = `<MessageId>m1</MessageId><MD5OfMessageBody>${MD5}</MD5OfMessageBody>`
const XML = {
  SendMessage: SENT_XML,
  SendMessageBatch: `<SendMessageBatchResultEntry><Id>1</Id>${SENT_XML}</SendMessageBatchResultEntry>`,
  ReceiveMessage: `<Message><MessageId>m1</MessageId><Body>body</Body><MD5OfBody>${MD5}</MD5OfBody></Message>`,
  GetQueueUrl: '<QueueUrl>http://queue</QueueUrl>',
}
