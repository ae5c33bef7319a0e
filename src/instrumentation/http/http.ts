import type { MeterProvider, TracerProvider } from '@opentelemetry/api'
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { load } from '../../base/chunks.ts'
import { headerCapture } from './captured-headers.ts'
import { ClientCalls, type ClientOptions } from './client-calls.ts'
import { ClientRequests } from './client-requests.ts'
import { watchCrashes } from './crashes.ts'
import { serveHttp } from './http-server.ts'
import { SCOPE } from './scope.ts'
import { type HttpConfig, serverConfig } from './server-config.ts'
import { Serving } from './serving.ts'

interface Config extends HttpConfig, Omit<ClientOptions, 'isUnmeasured' | 'knownMethods'> {
  readonly enabled?: boolean
  readonly disableOutgoingRequestInstrumentation?: boolean
  readonly requireParentforOutgoingSpans?: boolean
}

type Http = Parameters<ClientRequests['watch']>[0] & Parameters<typeof serveHttp>[1]

/** Prevents a second start: the instrumentation can be constructed once for each module. */
let isServing = false

/** The instrumentation `http`: servers and clients of `node:http`, `node:https` and `node:http2`. */
export class HttpInstrumentation extends InstrumentationBase<Config> {
  // Set while the base class constructs; an initialiser here would reset it.
  declare private calls: ClientCalls
  declare private serving: Serving

  constructor(config: Config = {}) {
    super(SCOPE.name, SCOPE.version, config)
  }

  override _updateMetricInstruments(): void {
    const config = this.getConfig()
    const options = { ...config, requiresParent: config.requireParentforOutgoingSpans }
    this.calls ??= new ClientCalls(options, this.tracer, this.meter, false)
    this.calls.setMeter(this.meter)
    this.serving ??= new Serving(serverConfig(config))
  }

  override setMeterProvider(provider: MeterProvider): void {
    super.setMeterProvider(provider)
    this.serving.setMeterProvider(provider)
  }

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider)
    this.calls.setTracer(this.tracer)
    this.serving.setTracer(this.tracer)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return [
      new InstrumentationNodeModuleDefinition('http', ['*'], (http: Http) => {
        this.serve()
        if (this.watchesClients) this.watchRequests(http)
        return http
      }),
      // Uses the classes of node:http.
      new InstrumentationNodeModuleDefinition('https', ['*'], (https: object) => {
        this.serve()
        return https
      }),
      new InstrumentationNodeModuleDefinition('http2', ['*'], (http2: object) => {
        this.serve()
        if (this.watchesClients) this.watchHttp2(http2)
        if (!this.watchesServers) return http2
        return load<typeof import('./http2-server.ts')>('http2-server').serveHttp2(this.serving, http2)
      }),
    ]
  }

  private get watchesClients(): boolean {
    return this.getConfig().disableOutgoingRequestInstrumentation !== true
  }

  private get watchesServers(): boolean {
    return this.getConfig().disableIncomingRequestInstrumentation !== true
  }

  private serve(): void {
    if (isServing || !this.watchesServers) return
    isServing = true
    watchCrashes(this.serving)
    serveHttp(this.serving, require('node:http') as Http)
  }

  private watchRequests(http: Http): void {
    const { requestHeaders, responseHeaders } = this.getConfig().headersToSpanAttributes?.client ?? {}
    const captureRequest = headerCapture('request', requestHeaders)
    const captureResponse = headerCapture('response', responseHeaders)
    new ClientRequests(this.calls, captureRequest, captureResponse).watch(http)
  }

  private watchHttp2(http2: object): void {
    load<typeof import('./client-http2.ts')>('http2-client').watchHttp2Clients(http2, this.calls)
  }
}
