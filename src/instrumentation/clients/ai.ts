import { context, INVALID_SPAN_CONTEXT, type Span, trace, type Tracer } from '@opentelemetry/api'
import { enterContext } from '../../sdk/enter-context.ts'
import { copyOrNew, copyWith } from '../copied.ts'
import { listen } from '../guarded-channel.ts'
import { adaptedSpan, answerOf, followStream } from '../operations/model-answers.ts'
import { type ModelCall, ModelCalls, type ModelFacts } from '../operations/model-calls.ts'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { likeOriginal } from '../operations/patch.ts'

/** A message on the channel `ai:telemetry` of AI SDK 7. */
interface Message {
  readonly type: string
  readonly event?: any
  readonly result?: any
  readonly error?: unknown
}

/**
 * Calls of models and tools get spans. The functions around them (`generateText`, its steps) get none, because they
 * consist of these calls.
 */
const FACTS: Readonly<Record<string, (event: any) => ModelFacts>> = {
  languageModelCall: ({ provider, modelId }) => ({ operation: 'chat', provider, model: modelId }),
  embed: ({ provider, modelId }) => ({ operation: 'embeddings', provider, model: modelId }),
  embedMany: ({ provider, modelId }) => ({ operation: 'embeddings', provider, model: modelId }),
  executeTool: ({ toolCall }) => ({ operation: 'execute_tool', tool: toolCall?.toolName }),
}

let isListening = false

function listenToChannel(exports: unknown, tracer: ClientTracer): unknown {
  if (isListening) return exports
  isListening = true
  const calls = new ModelCalls(tracer)
  const begun = new WeakMap<object, { readonly call: ModelCall; readonly caller: ReturnType<typeof context.active> }>()
  listen<Message>('tracing:ai:telemetry:start', (message) => {
    const factsOf = FACTS[message.type]
    if (factsOf === undefined || tracesItself()) return
    const call = calls.start(factsOf(message.event ?? {}))
    begun.set(message, { call, caller: context.active() })
    enterContext(call.context)
  })
  listen<Message>('tracing:ai:telemetry:end', (message) => {
    const { caller } = begun.get(message) ?? {}
    if (caller !== undefined) enterContext(caller)
  })
  listen<Message>('tracing:ai:telemetry:asyncEnd', (message) => {
    const { call } = begun.get(message) ?? {}
    if (call !== undefined) settle(call, message)
  })
  return exports
}

/** Returns whether the app has registered the SDK's own OpenTelemetry integration, which makes these spans. */
function tracesItself(): boolean {
  const { AI_SDK_TELEMETRY_INTEGRATIONS: registered } = globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: unknown }
  return (
    Array.isArray(registered) && registered.some((each) => /otel|opentelemetry/i.test(String(each?.constructor?.name)))
  )
}

function settle(call: ModelCall, { result, error }: Message): void {
  if (error !== undefined) return call.fail(error)
  const toolError = [result, result?.output].find((each) => each?.type === 'tool-error')
  if (toolError !== undefined) return call.fail(toolError.error)
  if (typeof result?.stream?.pipeThrough === 'function') return followStream(result.stream, call)
  call.answered(answerOf(result))
  call.end()
}

/** The functions of AI SDK 5 and 6 that call models. */
const FUNCTIONS = ['generateText', 'streamText', 'generateObject', 'streamObject', 'embed', 'embedMany']

/**
 * AI SDK 5 and 6 make spans if an option says so. They are passed the option with a tracer that turns their spans into
 * conventional ones.
 */
function patchFunctions(exports: any, tracer: ClientTracer): unknown {
  const adapter = adapterOf(new ModelCalls(tracer))
  const changes: Record<string, unknown> = {}
  for (const name of FUNCTIONS) {
    if (typeof exports[name] !== 'function') continue
    changes[name] = likeOriginal(
      exports[name],
      (original) =>
        function (options, ...rest) {
          return original.call(this, withTelemetry(options, adapter), ...rest)
        },
    )
  }
  // The exports of a CommonJS bundle are getters, which cannot be assigned to.
  return exports[Symbol.toStringTag] === 'Module' ? Object.assign(exports, changes) : copyWith(exports, changes)
}

/** Leaves `experimental_telemetry` unchanged if the app has set it. */
function withTelemetry(options: any, tracer: Tracer): unknown {
  const own = options?.experimental_telemetry
  if (typeof options !== 'object' || options === null || own?.isEnabled !== undefined) return options
  const telemetry = copyOrNew(own, {
    isEnabled: true,
    recordInputs: false,
    recordOutputs: false,
    tracer: own?.tracer ?? tracer,
  })
  return copyWith(options, { experimental_telemetry: telemetry })
}

function adapterOf(calls: ModelCalls): Tracer {
  const spanOf = (name: string, attributes: any): Span | undefined => {
    const facts = factsOfSpan(name, attributes)
    return facts && adaptedSpan(calls.start(facts))
  }
  const none = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
  return {
    startSpan: (name: string, { attributes = {} }: any = {}) => spanOf(name, attributes) ?? none,
    startActiveSpan(name: string, ...given: any[]) {
      const work = given.at(-1)
      const span = spanOf(name, typeof given[0] === 'object' ? (given[0].attributes ?? {}) : {})
      if (span === undefined) return work(none)
      return context.with(trace.setSpan(context.active(), span), work, undefined, span)
    },
  }
}

function factsOfSpan(name: string, attributes: Readonly<Record<string, unknown>>): ModelFacts | undefined {
  const { 'ai.model.provider': provider, 'ai.model.id': model, 'ai.toolCall.name': tool } = attributes
  if (name === 'ai.toolCall') return { operation: 'execute_tool', tool }
  if (name.endsWith('.doEmbed')) return { operation: 'embeddings', provider, model }
  return /\.do(?:Generate|Stream)$/.test(name) ? { operation: 'chat', provider, model } : undefined
}

export const client: Client = {
  hooks: [
    { packageName: 'ai', versions: ['>=5.0.0 <7'], patch: patchFunctions },
    { packageName: 'ai', versions: ['>=7.0.0 <8'], patch: listenToChannel },
  ],
}
