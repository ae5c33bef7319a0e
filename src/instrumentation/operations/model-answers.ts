import type { Attributes, Exception, Span } from '@opentelemetry/api'
import type { ModelCall } from './model-calls.ts'
import { overrideMethod } from './patch.ts'

/** The value of the API's enum member `SpanStatusCode.ERROR`. */
const ERROR = 2

/** Returns the attributes of an answer of the AI SDK's models, without those whose values are missing. */
export function answerOf({ usage, finishReason, response, id, modelId }: any = {}): Attributes {
  const finished: unknown = finishReason?.unified ?? finishReason
  const all: Record<string, unknown> = {
    'gen_ai.response.id': response?.id ?? id,
    'gen_ai.response.model': response?.modelId ?? modelId,
    'gen_ai.response.finish_reasons': typeof finished === 'string' ? [finished] : undefined,
    'gen_ai.usage.input_tokens': tokensOf(usage?.inputTokens) ?? tokensOf(usage?.tokens),
    'gen_ai.usage.output_tokens': tokensOf(usage?.outputTokens),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Attributes
}

/** Since AI SDK 6, a count is an object with its parts. */
function tokensOf(count: any): number | undefined {
  const total: unknown = count?.total ?? count
  return typeof total === 'number' && Number.isFinite(total) ? total : undefined
}

/** Ends the call when the stream of its answer ends. The SDK pipes the stream once. */
export function followStream(stream: any, call: ModelCall): void {
  const { pipeThrough } = stream
  let failure: { readonly error: unknown } | undefined
  const end = (): void => (failure === undefined ? call.end() : call.fail(failure.error))
  overrideMethod(stream, 'pipeThrough', function (this: any, ...args: unknown[]) {
    delete stream.pipeThrough
    const observer = new TransformStream({
      transform(part: any, controller) {
        controller.enqueue(part)
        if (part?.type === 'error') failure ??= { error: part.error }
        else if (part?.type === 'finish' || part?.type === 'response-metadata') call.answered(answerOf(part))
      },
      flush: end,
      cancel: (reason) => (reason instanceof Error ? call.fail(reason) : end()),
    })
    return pipeThrough.apply(pipeThrough.call(this, observer), args)
  })
}

/** Returns a span for AI SDK 5 and 6, which record attributes with obsolete names and prompts. */
export function adaptedSpan(call: ModelCall): Span {
  const { span } = call
  let failure: { readonly error: unknown } | undefined
  const adapted: Span = {
    spanContext: () => span.spanContext(),
    isRecording: () => span.isRecording(),
    setAttribute: (key, value) => adapted.setAttributes({ [key]: value }),
    setAttributes(attributes) {
      const kept = Object.entries(attributes).filter(([key]) => /^gen_ai\.(?:response|usage)\./.test(key))
      // Nothing else reports a stream that fails halfway.
      if (attributes['ai.response.finishReason'] === 'error') failure ??= { error: { message: 'the stream failed' } }
      const tokens = attributes['ai.usage.tokens']
      if (tokens !== undefined) kept.push(['gen_ai.usage.input_tokens', tokens])
      if (kept.length > 0) call.answered(Object.fromEntries(kept))
      return adapted
    },
    addEvent: () => adapted,
    addLink: () => adapted,
    addLinks: () => adapted,
    setStatus({ code, message }) {
      if (code === ERROR) failure ??= { error: { message } }
      return adapted
    },
    updateName: () => adapted,
    recordException: (exception: Exception) => void (failure = { error: exception }),
    end: () => (failure === undefined ? call.end() : call.fail(failure.error)),
  }
  return adapted
}
