import { failing } from '../support.mjs'

/** AI SDK; its models are made here, of the interface of each major version. */
export const attributes = {}
export const isLocal = true
export const measure = 'model'
export const countsInternal = true

export async function setUp(load) {
  const ai = await load('ai')
  const { z } = await load('zod')
  return { ai, z, isOld: ai.registerTelemetry === undefined }
}

const usageOf = (isOld) =>
  isOld ? { inputTokens: 3, outputTokens: 4, totalTokens: 7 } : { inputTokens: { total: 3 }, outputTokens: { total: 4 } }
const reasonOf = (isOld, reason) => (isOld ? reason : { unified: reason, raw: reason })

function modelOf(isOld, answers) {
  const shared = { specificationVersion: isOld ? 'v2' : 'v4', provider: 'openai.chat', supportedUrls: {} }
  const usage = usageOf(isOld)
  return {
    ...shared,
    modelId: 'gpt-5',
    async doGenerate() {
      const content = answers.shift()
      if (content instanceof Error) throw content
      const reason = content[0].type === 'tool-call' ? 'tool-calls' : 'stop'
      return { content, finishReason: reasonOf(isOld, reason), usage, warnings: [], response: { id: 'r1', modelId: 'gpt-5-real' } }
    },
    async doStream() {
      const parts = [
        { type: 'stream-start', warnings: [] },
        { type: 'response-metadata', id: 'r1', modelId: 'gpt-5-real' },
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'secret answer' },
        { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: reasonOf(isOld, 'stop'), usage },
      ]
      return { stream: ReadableStream.from(answers[0] === 'error' ? [parts[0], { type: 'error', error: new RangeError('no stream') }] : parts) }
    },
  }
}

const embedder = (isOld) => ({
  specificationVersion: isOld ? 'v2' : 'v4',
  provider: 'openai.embedding',
  modelId: 'text-embedding-3',
  maxEmbeddingsPerCall: 10,
  supportsParallelCalls: true,
  doEmbed: async ({ values }) => ({ embeddings: values.map(() => [0.5]), usage: { tokens: 3 }, warnings: [] }),
})

const TEXT = [{ type: 'text', text: 'secret answer' }]
const USED = { 'gen_ai.usage.input_tokens': 3, 'gen_ai.usage.output_tokens': 4, 'gen_ai.provider.name': 'openai' }
const CHAT = {
  name: 'chat gpt-5',
  kind: 'client',
  attributes: { ...USED, 'gen_ai.response.model': 'gpt-5-real', 'gen_ai.response.finish_reasons': 'stop' },
}

export const steps = {
  'generateText and a tool': {
    async run({ ai, z, isOld }, mark) {
      const call = { type: 'tool-call', toolCallId: 't1', toolName: 'weather', input: '{"city":"secret"}' }
      const { text } = await ai.generateText({
        model: modelOf(isOld, [[call], TEXT]),
        prompt: 'secret',
        tools: { weather: ai.tool({ inputSchema: z.object({ city: z.string() }), execute: async () => (mark('in a tool'), 'secret rain') }) },
        stopWhen: (ai.isStepCount ?? ai.stepCountIs)(3),
      })
      mark('after')
      if (text !== 'secret answer') throw new Error(text)
    },
    marks: { 'in a tool': 'execute_tool weather' },
    spans: [
      { ...CHAT, attributes: { ...USED, 'gen_ai.response.finish_reasons': 'tool-calls' } },
      { name: 'execute_tool weather', kind: 'internal' },
      CHAT,
    ],
  },
  streamText: {
    async run({ ai, isOld }, mark) {
      const { textStream } = ai.streamText({ model: modelOf(isOld, []), prompt: 'secret' })
      let text = ''
      for await (const part of textStream) text += part
      mark('after the stream')
      if (text !== 'secret answer') throw new Error(text)
    },
    spans: [CHAT],
  },
  embed: {
    async run({ ai, isOld }, mark) {
      await ai.embed({ model: embedder(isOld), value: 'secret' })
      mark('after')
    },
    spans: [{ name: 'embeddings text-embedding-3', kind: 'client', attributes: { 'gen_ai.usage.input_tokens': 3 } }],
  },
  errors: {
    async run({ ai, isOld }, mark) {
      await failing(ai.generateText({ model: modelOf(isOld, [new RangeError('no answer')]), prompt: 'secret', maxRetries: 0 }))
      mark('after a rejection')
      const { fullStream } = ai.streamText({ model: modelOf(isOld, ['error']), prompt: 'secret', onError: () => {} })
      for await (const part of fullStream) void part
      const given = { url: 'http://127.0.0.1/', requestBodyValues: {}, statusCode: 401, isRetryable: false }
      const refused = new ai.APICallError({ ...given, message: 'bad key secret', responseBody: 'secret' })
      await failing(ai.generateText({ model: modelOf(isOld, [refused]), prompt: 'secret', maxRetries: 0 }))
    },
    // Of a stream AI SDK 5 tells only that it failed.
    spans: [1, 2, 3].map(() => ({ name: 'chat gpt-5', error: 'RangeError|_OTHER|AI_APICallError' })),
  },
  'an app that decides itself': {
    async run({ ai, isOld }) {
      const off = { isEnabled: false }
      await ai.generateText({ model: modelOf(isOld, [TEXT]), prompt: 'secret', telemetry: off, experimental_telemetry: off })
    },
    spans: [],
  },
}
