import type { Meter, MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api'
import { load } from '../../base/chunks.ts'
import { headerCapture } from './captured-headers.ts'
import { ClientCalls, type ClientOptions } from './client-calls.ts'
import { ClientRequests } from './client-requests.ts'
import { MeasuringHttpInstrumentation } from './http-server.ts'

interface Config extends ClientOptions {
  readonly enabled?: boolean
  readonly disableOutgoingRequestInstrumentation?: boolean
  readonly requireParentforOutgoingSpans?: boolean
  readonly headersToSpanAttributes?: {
    readonly client?: { readonly requestHeaders?: readonly string[]; readonly responseHeaders?: readonly string[] }
  }
  readonly isActive?: (instrumentation: string) => boolean
}

interface Server {
  readonly tracer: Tracer
  readonly meter: Meter
  _updateMetricInstruments(): void
  setMeterProvider(provider: MeterProvider): void
  setTracerProvider(provider: TracerProvider): void
  init(): readonly { readonly name: string; patch?: ((exports: never, ...rest: never[]) => unknown) | undefined }[]
  getConfig(): object
}

const Base: new (config?: object) => Server = MeasuringHttpInstrumentation as unknown as new (config?: object) => Server

/** The instrumentation `http`: servers, and clients of `node:http`, `node:https` and `node:http2`. */
export class HttpInstrumentation extends Base {
  // Made by the base class's constructor, which an initialiser here would undo.
  declare private calls: ClientCalls

  constructor({ disableOutgoingRequestInstrumentation, ...config }: Config = {}) {
    super({
      ...config,
      disableOutgoingRequestInstrumentation: true,
      watchesClients: disableOutgoingRequestInstrumentation !== true,
    })
  }

  override _updateMetricInstruments(): void {
    super._updateMetricInstruments()
    const config = this.getConfig() as Config
    const options = { ...config, requiresParent: config.requireParentforOutgoingSpans }
    this.calls ??= new ClientCalls(options, this.tracer, this.meter, false)
    this.calls.setMeter(this.meter)
  }

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider)
    this.calls.setTracer(this.tracer)
  }

  override init(): ReturnType<Server['init']> {
    const definitions = super.init()
    if (!(this.getConfig() as { readonly watchesClients: boolean }).watchesClients) return definitions
    for (const definition of definitions) {
      const { name, patch } = definition
      if (patch === undefined || !(name === 'http' || name === 'http2')) continue
      definition.patch = (exports, ...rest) => {
        if (name === 'http') this.watchRequests(exports)
        else this.watchHttp2(exports)
        return patch(exports, ...rest)
      }
    }
    return definitions
  }

  private watchRequests(http: Parameters<ClientRequests['watch']>[0]): void {
    const { requestHeaders, responseHeaders } = (this.getConfig() as Config).headersToSpanAttributes?.client ?? {}
    const captureRequest = headerCapture('request', requestHeaders)
    const captureResponse = headerCapture('response', responseHeaders)
    new ClientRequests(this.calls, captureRequest, captureResponse).watch(http)
  }

  private watchHttp2(http2: object): void {
    const { isActive } = this.getConfig() as Config
    load<typeof import('./client-http2.ts')>('http2-client').watchHttp2Clients(
      http2,
      this.calls,
      () => isActive?.('grpc') === true,
    )
  }
}
