import { types } from 'node:util'
import { type Attributes, type Context, context, diag, type Histogram, type Span } from '@opentelemetry/api'
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'
import { modelFailureOf } from '../operations/model-failure.ts'
import { resemble } from '../resemble.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/**
 * The return value of `create()` (openai 4 to 6): a promise that parses the response body when it is awaited. Awaiting
 * it here would consume the body before `asResponse()` or `parse()` can.
 */
interface ApiPromise {
  responsePromise?: unknown
  parseResponse?: unknown
  /**
   * A method of the promise itself since openai 7.5x, which derives a promise from the request instead of from
   * `responsePromise` and `parseResponse`.
   */
  _thenUnwrap?: unknown
}

type Transform = (result: unknown, props: unknown) => unknown

interface Stream {
  iterator?: unknown
}

interface Begun {
  readonly span: Span
  readonly ctx: Context
  readonly commonAttrs: Attributes
}

type OnStream = (
  iterator: unknown,
  span: Span,
  startNow: number,
  config: object,
  attrs: Attributes,
  ctx: Context,
) => AsyncGenerator
type OnResult = (span: Span, startNow: number, attrs: Attributes, result: unknown, config: object, ctx: Context) => void

/** The internals of the instrumentation that are used here (instrumentation-openai 0.300; the version is inlined). */
interface Upstream {
  readonly _genaiClientOperationDuration: Histogram
  getConfig(): object
  isEnabled(): boolean
  _startChatCompletionsSpan(params: unknown, config: object, baseUrl: unknown): Begun
  _startEmbeddingsSpan(params: unknown, baseUrl: unknown): Begun
  _startResponsesSpan(params: unknown, config: object, baseUrl: unknown): Begun
  _createAPIPromiseRejectionHandler(startNow: number, span: Span, attrs: Attributes): (error: unknown) => void
  readonly _onChatCompletionsCreateResult: OnResult
  readonly _onEmbeddingsCreateResult: OnResult
  readonly _onResponsesCreateResult: OnResult
  readonly _onChatCompletionsStreamIterator: OnStream
  readonly _onResponsesStreamIterator: OnStream
}

/** One of the three calls that are traced. */
interface Call {
  readonly start: (params: unknown, config: object, baseUrl: unknown) => Begun
  readonly onResult: OnResult
  readonly onStream: OnStream
}

const Base: new (config?: object) => Upstream = OpenAIInstrumentation as unknown as new (config?: object) => Upstream

/** Instruments openai. A response is read only when the app reads it. */
export class TransparentOpenAIInstrumentation extends Base {
  _getPatchedChatCompletionsCreate(): (original: Method) => Method {
    return this.#patched({
      start: (params, config, baseUrl) => this._startChatCompletionsSpan(params, config, baseUrl),
      onResult: (...args) => this._onChatCompletionsCreateResult(...args),
      onStream: (...args) => this._onChatCompletionsStreamIterator(...args),
    })
  }

  _getPatchedEmbeddingsCreate(): (original: Method) => Method {
    return this.#patched({
      start: (params, _config, baseUrl) => this._startEmbeddingsSpan(params, baseUrl),
      onResult: (...args) => this._onEmbeddingsCreateResult(...args),
      onStream: (...args) => this._onChatCompletionsStreamIterator(...args),
    })
  }

  _getPatchedResponsesCreate(): (original: Method) => Method {
    return this.#patched({
      start: (params, config, baseUrl) => this._startResponsesSpan(params, config, baseUrl),
      onResult: (...args) => this._onResponsesCreateResult(...args),
      onStream: (...args) => this._onResponsesStreamIterator(...args),
    })
  }

  #patched(call: Call): (original: Method) => Method {
    const begin = (params: unknown, client: unknown): Begun | undefined => {
      if (!this.isEnabled()) return undefined
      try {
        return call.start(params, this.getConfig(), (client as { baseURL?: unknown } | undefined)?.baseURL)
      } catch (thrown) {
        // The parameters are invalid; openai has not rejected them yet.
        diag.debug('openai: a call is not traced', thrown)
        return undefined
      }
    }
    const watch = (promise: unknown, begun: Begun): void => this.#watch(promise as ApiPromise, begun, call)
    return (original) =>
      function (this: unknown, ...args) {
        const begun = begin(args[0], (this as { _client?: unknown } | undefined)?._client)
        if (begun === undefined) return Reflect.apply(original, this, args)
        const promise = context.with(begun.ctx, () => Reflect.apply(original, this, args))
        watch(promise, begun)
        return promise
      }
  }

  #watch(promise: ApiPromise, { span, ctx, commonAttrs }: Begun, { onResult, onStream }: Call): void {
    const { responsePromise, parseResponse } = promise
    if (!types.isPromise(responsePromise) || typeof parseResponse !== 'function') {
      span.end()
      return
    }
    const startNow = performance.now()
    const config = this.getConfig()
    const onError = this.#errorHandler(startNow, span, commonAttrs)
    let isParsed = false
    let isAnswered = false
    const rethrow = (error: unknown): never => {
      // A promise that is derived from a response may fail after it.
      if (!isAnswered) onError(error)
      throw error
    }
    // The derived promise replaces the original. A second promise next to it would add or hide an unhandled rejection.
    const observed = responsePromise.then((response) => {
      setImmediate(() => {
        if (!isParsed) this.#endUnparsed(span, startNow, commonAttrs)
      })
      return response as unknown
    }, rethrow)
    const onParsed = (result: unknown): unknown => {
      if (isAnswered) return result
      isAnswered = true
      if (isStream(result)) {
        const { iterator } = result
        result.iterator = resemble(
          () =>
            followed(onStream(Reflect.apply(iterator, result, []), span, startNow, config, commonAttrs, ctx), {
              failed: onError,
              left: () => this.#endUnparsed(span, startNow, commonAttrs),
            }),
          iterator,
        )
      } else onResult(span, startNow, commonAttrs, result, config, ctx)
      return result
    }
    follow(promise, observed, {
      parsing: () => (isParsed = true),
      parsed: onParsed,
      failed: rethrow,
    })
  }

  /** The upstream handler takes the class and the message of the error. */
  #errorHandler(startNow: number, span: Span, attributes: Attributes): (error: unknown) => void {
    const handle = this._createAPIPromiseRejectionHandler(startNow, span, attributes)
    return (error) => {
      const { constructor } = Object(error) as object
      handle({ constructor, message: modelFailureOf(error).message })
    }
  }

  /** Ends the span when the app takes the raw response, or stops reading a stream. */
  #endUnparsed(span: Span, startNow: number, attributes: Attributes): void {
    this._genaiClientOperationDuration.record((performance.now() - startNow) / 1000, attributes)
    span.end()
  }
}

interface Reading {
  readonly parsing: () => void
  readonly parsed: (result: unknown) => unknown
  readonly failed: (error: unknown) => never
}

/** Observes when a promise of a response is parsed, as well as those that `parse()` derives from it. */
function follow(promise: ApiPromise, observed: Promise<unknown>, reading: Reading): void {
  const { parseResponse, _thenUnwrap: derive } = promise
  if (typeof parseResponse !== 'function') return
  promise.responsePromise = observed
  promise.parseResponse = resemble(async function (this: unknown, ...args: unknown[]) {
    reading.parsing()
    let result: unknown
    try {
      result = await Reflect.apply(parseResponse, this, args)
    } catch (error) {
      return reading.failed(error)
    }
    return reading.parsed(result)
  }, parseResponse)
  // The method of the prototype calls the `parseResponse` above.
  if (!Object.hasOwn(promise, '_thenUnwrap') || typeof derive !== 'function') return
  promise._thenUnwrap = resemble(function (this: unknown, transform: Transform) {
    const observing: Transform = (result, props) => transform(reading.parsed(result), props)
    const derived = Reflect.apply(derive, this, [observing]) as ApiPromise
    follow(derived, observed, reading)
    return derived
  }, derive)
}

function isStream(result: unknown): result is Stream & { iterator: () => unknown } {
  return typeof (result as Stream | null)?.iterator === 'function'
}

/** Follows a stream, including one that fails and one that the app stops reading before its end. */
async function* followed(
  chunks: AsyncGenerator,
  { failed, left }: { readonly failed: (error: unknown) => void; readonly left: () => void },
): AsyncGenerator {
  let isOver = false
  try {
    yield* chunks
    isOver = true
  } catch (error) {
    isOver = true
    failed(error)
    throw error
  } finally {
    if (!isOver) left()
  }
}
