import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Service } from './service.ts'

/** Answers of AWS (SNS in XML, DynamoDB in JSON) and of OpenAI, which repeat what they were sent. */
export async function startHttpPeers(): Promise<Service> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const [type, answer] = answerTo(request.url ?? '/', String(request.headers['x-amz-target'] ?? ''), body)
      response.writeHead(200, { 'content-type': type }).end(answer)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: '127.0.0.1',
    port,
    env: { HTTP_PEERS: `http://127.0.0.1:${port}` },
    stop: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answerTo(url: string, target: string, body: string): readonly [type: string, answer: string] {
  if (target.startsWith('DynamoDB')) return ['application/x-amz-json-1.0', '{}']
  if (url.startsWith('/v1/chat')) {
    const { messages } = JSON.parse(body) as { messages: { content: string }[] }
    const content = `You said: ${messages[0]?.content}`
    const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
    const answer = { id: 'c1', object: 'chat.completion', created: 1, model: 'gpt-5', choices: [choice], usage }
    return ['application/json', JSON.stringify(answer)]
  }
  const ids = '<PublishResult><MessageId>1</MessageId></PublishResult>'
  return ['text/xml', `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${ids}</PublishResponse>`]
}
