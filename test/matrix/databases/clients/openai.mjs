export const service = 'http-peers'
export const attributes = { 'gen_ai.operation.name': 'chat' }
export const measure = 'model'

/** The requests that carry the calls. */
export const beside = /^POST$/

export async function setUp(load, env) {
  const OpenAI = (await load('openai')).default
  return { client: new OpenAI({ apiKey: 'none', baseURL: `${env.HTTP_PEERS}/v1`, maxRetries: 0 }) }
}

const request = Object.freeze({ model: 'gpt-5', messages: Object.freeze([Object.freeze({ role: 'user', content: 'secret' })]) })

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
      { name: 'chat gpt-5', kind: 'client', attributes: { 'gen_ai.usage.output_tokens': 4 } },
      { name: 'chat gpt-5', kind: 'client' },
    ],
  },
}
