// packages: openai
// Node warns of punycode, which openai 4 loads, depending on whether what calls `require` lies in node_modules.
// flags: --disable-warning=DEP0040
// A stream is read through two async generators, which take places of the app's in a stack of ten frames.
// flags: --stack-trace-limit=100
import { once } from 'node:events'
import { createServer } from 'node:http'

const MODEL = { model: 'gpt-x' }
const CHAT = { ...MODEL, messages: [{ role: 'user', content: 'hi' }] }
const FORMAT = {
  type: 'json_schema',
  json_schema: { name: 'x', schema: { type: 'object', properties: { a: { type: 'number' } } } },
}

export default async function ({ loadDefault, say, attempt }) {
  const OpenAI = await loadDefault('openai')
  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ai = new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 })
  const { completions } = ai.chat
  say('functions', completions.create, ai.embeddings.create, ai.responses?.create)
  const frozen = Object.freeze({ ...CHAT, messages: Object.freeze(CHAT.messages.map(Object.freeze)) })
  await attempt('create', () => completions.create(frozen))
  const promise = completions.create(CHAT)
  say('promise', promise.constructor.name, promise.parseResponse.name, promise instanceof Promise)
  say('twice', (await promise) === (await promise))
  await attempt('with response', async () => {
    const { data, response, request_id: id } = await completions.create(CHAT).withResponse()
    return [data.id, response.status, id]
  })
  await attempt('as response', async () => {
    const response = await completions.create(CHAT).asResponse()
    return [response.bodyUsed, (await response.json()).id]
  })
  await attempt('unwrapped', () => completions.create(CHAT)._thenUnwrap(({ id }) => ({ unwrapped: id })))
  const parse = completions.parse ? completions : ai.beta.chat.completions
  await attempt('parse', async () => (await parse.parse({ ...CHAT, response_format: FORMAT })).choices[0].message)
  const runTools = completions.runTools ? completions : ai.beta.chat.completions
  await attempt('run tools', () => runTools.runTools({ ...CHAT, tools: [] }).finalContent())
  const embedding = Object.freeze({ model: 'e', input: 'x', encoding_format: 'float' })
  await attempt('embeddings', () => ai.embeddings.create(embedding))
  await attempt('embeddings in base64', () => ai.embeddings.create({ model: 'e64', input: 'x' }))
  await attempt(
    'embeddings as response',
    async () => (await (await ai.embeddings.create(embedding).asResponse()).json()).data.length,
  )
  await streams(ai, { say, attempt })
  if (ai.responses) {
    await attempt('responses', async () => (await ai.responses.create({ ...MODEL, input: 'hi' })).output_text)
    await attempt(
      'responses with response',
      async () => (await ai.responses.create({ ...MODEL, input: 'hi' }).withResponse()).request_id,
    )
    await attempt(
      'responses as response',
      async () => (await ai.responses.create({ ...MODEL, input: 'hi' }).asResponse()).status,
    )
  }
  const errorOf = ({ name, status, message, code, constructor }) => ({
    name,
    status,
    message,
    code,
    constructor: constructor.name,
  })
  await attempt('refused', () => completions.create({ ...CHAT, model: 'refused' }).catch(errorOf))
  await attempt('refused as response', () =>
    completions
      .create({ ...CHAT, model: 'refused' })
      .asResponse()
      .catch(errorOf),
  )
  await attempt('finally', () =>
    completions
      .create(CHAT)
      .finally(() => say('finally was called'))
      .then(({ id }) => id),
  )
  await attempt('without messages', () => completions.create(MODEL).then(({ id }) => id))
  await attempt('without parameters', () => completions.create().then(({ id }) => id))
  process.once('unhandledRejection', ({ status }) => say('unhandled', status))
  void completions.create({ ...CHAT, model: 'refused' })
  await new Promise((resolve) => setTimeout(resolve, 150))
  server.close()
  server.closeAllConnections()
}

async function streams(ai, { say, attempt }) {
  const create = () => ai.chat.completions.create({ ...CHAT, stream: true })
  const read = async (stream, most = Infinity) => {
    const chunks = []
    for await (const chunk of stream) {
      chunks.push(chunk.choices?.[0].delta.content ?? chunk.type)
      if (chunks.length >= most) break
    }
    return chunks
  }
  const stream = await create()
  say('stream', stream.constructor.name, Object.keys(stream))
  await attempt('read', () => read(stream))
  await attempt('read twice', () => read(stream))
  await attempt('read a part', async () => read(await create(), 1))
  await attempt('two readers', async () => Promise.all((await create()).tee().map((each) => read(each))))
  await attempt('as a readable stream', async () => new Response((await create()).toReadableStream()).text())
  await attempt('stream with response', async () => (await create().withResponse()).response.status)
  if (ai.responses)
    await attempt('responses', async () => read(await ai.responses.create({ ...MODEL, input: 'hi', stream: true })))
}

function serve(request, response) {
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    const { model, stream } = JSON.parse(body || '{}')
    response.setHeader('x-request-id', 'rq1')
    if (model === 'refused')
      return json(response.writeHead(400), { error: { message: 'no', code: 'bad_model', type: 't', param: null } })
    response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json')
    const isResponses = request.url.endsWith('/responses')
    if (stream) return response.end(events(isResponses ? RESPONSE_EVENTS : CHUNKS))
    if (request.url.endsWith('/embeddings'))
      return json(response, embeddings(model === 'e64' ? 'AACAPw==' : [0.5, 0.25]))
    json(response, isResponses ? RESPONSE : COMPLETION)
  })
}

const json = (response, value) => response.end(JSON.stringify(value))
const events = (values) =>
  [...values.map((value) => JSON.stringify(value)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('')
const embeddings = (embedding) => ({
  object: 'list',
  model: 'm',
  data: [{ object: 'embedding', index: 0, embedding }],
  usage: { prompt_tokens: 1, total_tokens: 1 },
})
const COMPLETION = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-x',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '{"a":1}' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}
const CHUNKS = ['a', 'b', 'c'].map((content) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-x',
  choices: [{ index: 0, delta: { content } }],
}))
const RESPONSE = {
  id: 'r1',
  object: 'response',
  model: 'gpt-x',
  status: 'completed',
  output: [
    {
      type: 'message',
      id: 'm1',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'hello', annotations: [] }],
    },
  ],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
}
const RESPONSE_EVENTS = [
  { type: 'response.created', response: RESPONSE },
  { type: 'response.output_item.done', item: RESPONSE.output[0] },
  { type: 'response.completed', response: RESPONSE },
]
