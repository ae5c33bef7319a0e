import { failing } from '../support.mjs'

export const service = 'http-peers'
/** `gen_ai.system` is the older name of the provider. */
export const attributes = { 'gen_ai.provider.name': 'openai', 'gen_ai.system': undefined }
export const measure = 'model'

/** The requests that carry the calls. */
export const beside = /^POST$/

export async function setUp(load, env) {
  const OpenAI = (await load('openai')).default
  return { client: new OpenAI({ apiKey: 'none', baseURL: `${env.HTTP_PEERS}/v1`, maxRetries: 0 }) }
}

const request = Object.freeze({ model: 'gpt-5', messages: Object.freeze([Object.freeze({ role: 'user', content: 'secret' })]) })
const streamed = Object.freeze({ ...request, stream: true, stream_options: Object.freeze({ include_usage: true }) })
const USED = { 'gen_ai.usage.input_tokens': 3, 'gen_ai.usage.output_tokens': 4 }
const UNREADABLE = {
  type: 'json_schema',
  json_schema: { name: 'x', schema: { type: 'object' } },
  $brand: 'auto-parseable-response-format',
  $parseRaw: (text) => JSON.parse(text),
}

async function read(stream, most = Infinity) {
  let count = 0
  for await (const chunk of stream) if (chunk !== null && (count += 1) === most) break
  return count
}

export const steps = {
  chat: {
    async run({ client }, mark) {
      const { choices } = await client.chat.completions.create(request)
      mark('after')
      if (choices[0].message.content !== 'You said: secret') throw new Error('another answer')
      const raw = await client.chat.completions.create(request).asResponse()
      await raw.json()
    },
    spans: [
      { name: 'chat gpt-5', kind: 'client', attributes: { ...USED, 'gen_ai.response.finish_reasons': 'stop' } },
      { name: 'chat gpt-5', kind: 'client' },
    ],
  },
  'a stream': {
    async run({ client }, mark) {
      const count = await read(await client.chat.completions.create(streamed))
      mark('after the stream')
      if (count !== 4) throw new Error(`${count} chunks`)
      await read(await client.chat.completions.create(streamed), 1)
      mark('after a part of one')
    },
    spans: [
      { name: 'chat gpt-5', kind: 'client', attributes: { ...USED, 'gen_ai.response.finish_reasons': 'stop' } },
      { name: 'chat gpt-5', kind: 'client' },
    ],
  },
  embeddings: {
    async run({ client }, mark) {
      await client.embeddings.create({ model: 'text-embedding-3', input: 'secret', encoding_format: 'float' })
      mark('after')
    },
    spans: [{ name: 'embeddings text-embedding-3', kind: 'client', attributes: { 'gen_ai.usage.input_tokens': 3 } }],
  },
  responses: {
    isNew: true,
    async run({ client }, mark) {
      await client.responses.create({ model: 'gpt-5', input: 'secret' })
      mark('after')
      await read(await client.responses.create({ model: 'gpt-5', input: 'secret', stream: true }))
      mark('after the stream')
    },
    spans: [
      { name: 'chat gpt-5', kind: 'client', attributes: { ...USED, 'gen_ai.response.id': 'r1' } },
      { name: 'chat gpt-5', kind: 'client', attributes: USED },
    ],
  },
  'answers that the library parses': {
    isNew: true,
    async run({ client }, mark) {
      const { completions } = client.chat
      const { choices } = await completions.parse({ ...request, model: 'gpt-5-parse' })
      mark('after parse')
      if (choices[0].message.content !== 'You said: secret') throw new Error('another answer')
      await client.responses.parse({ model: 'gpt-5-responses', input: 'secret' })
      const { data, response } = await completions.create({ ...request, model: 'gpt-5-response' }).withResponse()
      if (data.choices.length !== 1 || response.status !== 200) throw new Error('another response')
      await (await completions.parse({ ...request, model: 'gpt-5-raw' }).asResponse()).json()
      const stream = { ...request, model: 'gpt-5-stream', stream_options: { include_usage: true } }
      const text = await completions.stream(stream).finalContent()
      if (!text.startsWith('You said')) throw new Error(`another text: ${text}`)
      mark('after a stream')
      // The answer is complete, and only the library's reading of it fails.
      await failing(completions.parse({ ...request, model: 'gpt-5-strict', response_format: UNREADABLE }))
      await failing(completions.parse({ ...request, model: 'nope' }))
    },
    spans: [
      { name: 'chat gpt-5-parse', attributes: { ...USED, 'gen_ai.response.id': 'c1', 'gen_ai.response.finish_reasons': 'stop' } },
      { name: 'chat gpt-5-responses', attributes: { ...USED, 'gen_ai.response.id': 'r1' } },
      { name: 'chat gpt-5-response', attributes: { ...USED, 'gen_ai.response.id': 'c1' } },
      { name: 'chat gpt-5-raw' },
      { name: 'chat gpt-5-stream', attributes: USED },
      { name: 'chat gpt-5-strict', attributes: USED },
      { name: 'chat nope', error: 'NotFoundError' },
    ],
  },
  aborted: {
    isNew: true,
    async run({ client }, mark) {
      await failing(client.chat.completions.create(request, { signal: AbortSignal.abort() }))
      mark('after a rejection')
      const abort = new AbortController()
      const stream = await client.chat.completions.create(streamed, { signal: abort.signal })
      for await (const _ of stream) abort.abort()
    },
    spans: [{ name: 'chat gpt-5', error: 'APIUserAbortError|AbortError|Error' }, { name: 'chat gpt-5' }],
  },
  errors: {
    async run({ client }, mark) {
      await failing(client.chat.completions.create({ ...request, model: 'nope' }))
      mark('after a rejection')
      await failing(client.chat.completions.create({ ...streamed, model: 'nope' }))
      await failing(client.embeddings.create({ model: 'nope', input: 'secret' }))
      await failing(client.chat.completions.create({ ...request, model: 'down' }))
      await failing(client.chat.completions.create({ ...request, model: 'garbled' }))
      await failing(client.chat.completions.create({ ...streamed, model: 'broken' }).then(read))
      mark('after a stream that fails')
    },
    spans: [
      { name: 'chat nope', error: 'NotFoundError' },
      { name: 'chat nope', error: 'NotFoundError' },
      { name: 'embeddings nope', error: 'NotFoundError' },
      { name: 'chat down', error: 'InternalServerError' },
      { name: 'chat garbled', error: 'SyntaxError|FetchError' },
      { name: 'chat broken', error: 'APIError' },
    ],
  },
}
