import {
  type Context,
  context,
  diag,
  type HrTime,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { hrTime } from '@opentelemetry/core'
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk'
import { copyWith } from '../copied.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** The parts of a client of AWS SDK 3, and of a command, that are used here. */
interface ClientConfig {
  readonly serviceId?: string
  region?(): unknown
}

interface MiddlewareStack {
  /** Returns the names and positions of the middlewares. */
  identify?(): readonly string[]
}

interface Command {
  readonly input: object
}

interface AwsContext {
  readonly clientName?: string
  readonly commandName?: string
}

interface AwsMetadata {
  readonly requestId?: string
  readonly httpStatusCode?: number
  readonly extendedRequestId?: string
}

interface AwsResponse {
  output?: { readonly $metadata?: AwsMetadata }
}

interface Request {
  readonly serviceName: string
  readonly commandName: string
  readonly commandInput: object
  region: unknown
}

interface RequestMetadata {
  readonly isStream?: boolean
}

/** The internals of the instrumentation that are used here (instrumentation-aws-sdk 0.300; the version is inlined). */
interface Upstream {
  readonly tracer: Tracer
  readonly servicesExtensions: {
    requestPreSpanHook(request: Request, config: object, logger: unknown): RequestMetadata
    requestPostSpanHook(request: Request): void
    responseHook(response: object, span: Span, tracer: Tracer, config: object, startTime: HrTime): unknown
  }
  getConfig(): object
  patchV3MiddlewareStack(moduleVersion: string, stack: unknown): void
  _startAwsV3Span(request: Request, metadata: RequestMetadata): Span
  _callOriginalFunction<Result>(work: () => Result): Result
}

interface Begun {
  readonly command: Command
  readonly request: Request
  readonly metadata: RequestMetadata
  readonly span: Span
  readonly ctx: Context
  readonly startTime: HrTime
}

const Base: new (config?: object) => Upstream = AwsInstrumentation as unknown as new (config?: object) => Upstream

/**
 * Instruments the AWS SDK. Trace context is written into a copy of a command's input, a command that cannot be read is
 * sent unchanged, and the stack of an error keeps the app's frames.
 */
export class TransparentAwsInstrumentation extends Base {
  readonly #configs = new WeakMap<object, ClientConfig>()

  _getV3SmithyClientSendPatch(moduleVersion: string, original: Method): Method {
    const prepare = (client: { config: ClientConfig; middlewareStack: unknown }, command: unknown): void => {
      if (isObject(command)) this.#configs.set(command, client.config)
      this.patchV3MiddlewareStack(moduleVersion, client.middlewareStack)
    }
    return function (...args) {
      prepare(this as never, args[0])
      return Reflect.apply(original, this, args)
    }
  }

  _getV3MiddlewareStackResolvePatch(_moduleVersion: string, original: Method): Method {
    const send = (command: Command, awsContext: AwsContext, handle: (command: Command) => unknown): Promise<unknown> =>
      this.#send(command, awsContext, handle)
    const isSent = (command: Command): boolean => this.#configs.has(command)
    return function (this: unknown, ...args) {
      const stack = this as MiddlewareStack
      const handler = Reflect.apply(original, this, args) as Method
      return function (this: unknown, command: Command) {
        if (!isSent(command) && isPresigning(stack)) return Reflect.apply(handler, this, [command])
        return send(command, args[1] as AwsContext, (sent) => Reflect.apply(handler, this, [sent]))
      }
    }
  }

  async #send(command: Command, awsContext: AwsContext, handle: (command: Command) => unknown): Promise<unknown> {
    const begun = this.#begin(command, awsContext)
    if (begun === undefined) return await handle(command)
    const { span, metadata, ctx } = begun
    try {
      const response = await context.with(ctx, () => this._callOriginalFunction(() => handle(begun.command)))
      this.#onResponse(begun, response as AwsResponse)
      return response
    } catch (error) {
      onError(span, error)
      throw error
    } finally {
      // A stream ends its span when it ends.
      if (metadata.isStream !== true) span.end()
    }
  }

  /** Returns undefined for a command that cannot be read; the SDK rejects it with its own error. */
  #begin(asked: Command, { clientName = 'AWS', commandName }: AwsContext): Begun | undefined {
    if (!isObject(asked.input)) return undefined
    try {
      const command = copyWith(asked, { input: copyWith(asked.input, {}) })
      const config = this.#configs.get(asked)
      const request: Request = {
        serviceName: (config?.serviceId ?? clientName.replace(/Client$/, '')).replaceAll(/\s+/g, ''),
        commandName: (commandName ?? asked.constructor.name).replace(/Command$/, ''),
        commandInput: command.input,
        region: undefined,
      }
      const metadata = this.servicesExtensions.requestPreSpanHook(request, this.getConfig(), diag)
      const span = this._startAwsV3Span(request, metadata)
      const ctx = trace.setSpan(context.active(), span)
      context.with(ctx, () => this.servicesExtensions.requestPostSpanHook(request))
      void setRegion(span, request, config)
      return { command, request, metadata, span, ctx, startTime: hrTime() }
    } catch (thrown) {
      diag.debug('aws-sdk: a command is not traced', thrown)
      return undefined
    }
  }

  #onResponse({ request, span, startTime }: Begun, response: AwsResponse): void {
    const { $metadata } = response.output ?? {}
    setMetadata(span, $metadata?.requestId, $metadata?.httpStatusCode, $metadata?.extendedRequestId)
    try {
      const normalized = { data: response.output, request, requestId: $metadata?.requestId }
      const replaced = this.servicesExtensions.responseHook(normalized, span, this.tracer, this.getConfig(), startTime)
      if (replaced !== undefined && replaced !== null) response.output = replaced
    } catch (thrown) {
      diag.debug('aws-sdk: a response could not be read', thrown)
    }
  }
}

/** `getSignedUrl()` resolves a command whose last middleware returns a URL instead of sending a request. */
function isPresigning(stack: MiddlewareStack): boolean {
  return stack.identify?.().some((each) => each.startsWith('presignInterceptMiddleware')) === true
}

async function setRegion(span: Span, request: Request, config: ClientConfig | undefined): Promise<void> {
  try {
    request.region = await config?.region?.()
    if (typeof request.region === 'string') span.setAttribute('cloud.region', request.region)
  } catch (thrown) {
    diag.debug('aws-sdk: the region is not known', thrown)
  }
}

function onError(span: Span, error: unknown): void {
  const { RequestId, $metadata, extendedRequestId, message } = (error ?? {}) as {
    readonly RequestId?: string
    readonly $metadata?: AwsMetadata
    readonly extendedRequestId?: string
    readonly message?: string
  }
  setMetadata(span, RequestId, $metadata?.httpStatusCode, extendedRequestId)
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
  span.recordException(error instanceof Error ? error : String(error))
}

function setMetadata(span: Span, requestId?: string, statusCode?: number, extendedRequestId?: string): void {
  if (requestId !== undefined) span.setAttribute('aws.request.id', requestId)
  if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode)
  if (extendedRequestId !== undefined) span.setAttribute('aws.request.extended_id', extendedRequestId)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
