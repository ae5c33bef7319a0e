import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Service } from './service.ts'

/** Answers like AWS (SNS in XML, DynamoDB in JSON) and OpenAI, and repeats what it received. */
export async function startHttpPeers(): Promise<Service> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const [type, answer, status = 200] = answerTo(
        request.url ?? '/',
        String(request.headers['x-amz-target'] ?? ''),
        body,
      )
      response.writeHead(status, { 'content-type': type }).end(answer)
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

function answerTo(url: string, target: string, body: string): Answer {
  if (target.startsWith('DynamoDB')) return ['application/x-amz-json-1.0', '{}']
  if (url.startsWith('/v1/')) return modelAnswer(url, JSON.parse(body) as ModelRequest)
  const ids = '<PublishResult><MessageId>1</MessageId></PublishResult>'
  return ['text/xml', `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${ids}</PublishResponse>`]
}

interface ModelRequest {
  readonly model: string
  readonly stream?: boolean
  readonly messages?: readonly { readonly content: string }[]
}

type Answer = readonly [type: string, answer: string, status?: number]

/**
 * Answers like OpenAI. The model `nope` does not exist, `down` and `garbled` answer what is not JSON, and `broken` fails in
 * the middle of a stream. Each of them repeats a secret.
 */
function modelAnswer(url: string, { model, stream, messages = [] }: ModelRequest): Answer {
  if (model === 'nope')
    return json({ error: { message: 'secret model', type: 'invalid_request_error', code: 'model_not_found' } }, 404)
  if (model === 'down') return ['text/plain', 'oops secret', 500]
  if (model === 'garbled') return ['application/json', 'oops secret']
  if (url.startsWith('/v1/embeddings')) {
    const data = [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }]
    return json({ object: 'list', model, data, usage: { prompt_tokens: 3, total_tokens: 3 } })
  }
  const content = `You said: ${messages[0]?.content}`
  if (url.startsWith('/v1/responses')) {
    const output = [
      {
        id: 'm1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Yes', annotations: [] }],
      },
    ]
    const response = {
      id: 'r1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model,
      output,
      usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
    }
    if (stream !== true) return json(response)
    return events([
      { type: 'response.created', sequence_number: 0, response: { ...response, output: [] } },
      { type: 'response.output_item.done', sequence_number: 1, output_index: 0, item: output[0] },
      { type: 'response.completed', sequence_number: 2, response },
    ])
  }
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
  const about = { id: 'c1', created: 1, model }
  if (stream !== true) {
    const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }
    return json({ ...about, object: 'chat.completion', choices: [choice], usage })
  }
  const chunk = (delta: object, finish: string | null): object => ({
    ...about,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const first = chunk({ role: 'assistant', content: 'You' }, null)
  if (model === 'broken') return events([first, { error: { message: 'overloaded by secret', type: 'server_error' } }])
  const last = { ...about, object: 'chat.completion.chunk', choices: [], usage }
  return events([first, chunk({ content: ' said' }, null), chunk({}, 'stop'), last])
}

function json(body: object, status = 200): Answer {
  return ['application/json', JSON.stringify(body), status]
}

/** Returns server-sent events; those of responses have a name. */
function events(all: readonly object[]): Answer {
  const texts = all.map(
    (each) => `${'type' in each ? `event: ${String(each.type)}\n` : ''}data: ${JSON.stringify(each)}\n\n`,
  )
  return ['text/event-stream', `${texts.join('')}data: [DONE]\n\n`]
}
