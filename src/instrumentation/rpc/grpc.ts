import type { IncomingHttpHeaders } from 'node:http2'
import { type Span, SpanKind } from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation'
import { GrpcInstrumentation as Upstream } from '@opentelemetry/instrumentation-grpc'
import { patchedFile } from '../patched-file.ts'
import { replaceMethod } from '../frameworks/replace-method.ts'
import { ownServer, owningSessions } from '../http/http2-owners.ts'
import { type ClientHooks, type GetInterceptingCall, type Metadata, tracingCalls } from './grpc-client-calls.ts'
import { type GetServerInterceptingCall, type ServerHooks, tracingServed } from './grpc-server-calls.ts'
import { type ServerPrototype, tracingUnknown } from './grpc-unknown.ts'
import { RpcCalls } from './rpc-calls.ts'

const SUPPORTED = ['>=1.10.0 <2']
const FOLDER = '@grpc/grpc-js/build/src'

/** The earlier versions, which upstream's instrumentation traces. */
const OLDER = ['>=1.0.0 <1.10.0']

interface ServerInterceptors {
  getServerInterceptingCall: GetServerInterceptingCall
}

interface Servers {
  readonly Server: { readonly prototype: ServerPrototype }
}

interface Connecting {
  readonly prototype: object
}

interface Connections {
  readonly Subchannel?: Connecting
  readonly Http2SubchannelConnector?: Connecting
}

type Method = (this: unknown, ...args: unknown[]) => unknown
type Values = (name: string) => unknown
type Capture = (span: Span, valuesOf: Values) => void

/**
 * Instruments `@grpc/grpc-js`. Since 1.10, client and server calls are each created in one place, with interceptors
 * whose calls report every status. Earlier versions use upstream's instrumentation, without metrics.
 */
export class GrpcInstrumentation extends Upstream {
  // Set while the base class constructs; an initialiser here would reset it.
  declare private served: RpcCalls
  declare private called: RpcCalls

  override _updateMetricInstruments(): void {
    this.served ??= new RpcCalls(SpanKind.SERVER, () => this.tracer)
    this.called ??= new RpcCalls(SpanKind.CLIENT, () => this.tracer)
    this.served.setMeter(this.meter)
    this.called.setMeter(this.meter)
  }

  override init(): InstrumentationNodeModuleDefinition[] {
    const older = super.init()
    for (const definition of older) {
      definition.supportedVersions = OLDER
      // Before 1.8, the module of subchannels opened the sessions.
      definition.files.push(
        fileOf('subchannel', OLDER, owningConnections),
        fileOf('transport', OLDER, owningConnections),
        fileOf('server', OLDER, owningServers),
      )
    }
    return [...older, this.current()]
  }

  private current(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      '@grpc/grpc-js',
      SUPPORTED,
      (exports: object) => exports,
      undefined,
      [
        fileOf<{ getInterceptingCall: GetInterceptingCall }>('client-interceptors', SUPPORTED, (exports) => {
          exports.getInterceptingCall = tracingCalls(exports.getInterceptingCall, this.clientHooks())
        }),
        fileOf<ServerInterceptors>('server-interceptors', SUPPORTED, (exports) => {
          exports.getServerInterceptingCall = tracingServed(exports.getServerInterceptingCall, this.serverHooks())
        }),
        fileOf<Servers>('server', SUPPORTED, (exports) => {
          owningServers(exports)
          tracingUnknown(exports.Server.prototype, this.served)
        }),
        fileOf('transport', SUPPORTED, owningConnections),
      ],
    )
  }

  private clientHooks(): ClientHooks {
    const { requestMetadata, responseMetadata } = this.getConfig().metadataToSpanAttributes?.client ?? {}
    const onRequest = capture('request', requestMetadata)
    const onResponse = capture('response', responseMetadata)
    return {
      calls: this.called,
      isIgnored: (path) => this.isIgnored(path),
      onRequest: (span, metadata) => onRequest?.(span, inMetadata(metadata)),
      onResponse: (span, metadata) => onResponse?.(span, inMetadata(metadata)),
    }
  }

  private serverHooks(): ServerHooks {
    const { requestMetadata, responseMetadata } = this.getConfig().metadataToSpanAttributes?.server ?? {}
    const onRequest = capture('request', requestMetadata)
    const onEnd = capture('response', responseMetadata)
    return {
      calls: this.served,
      isIgnored: (path) => this.isIgnored(path),
      onRequest: (span, headers) => onRequest?.(span, inHeaders(headers)),
      onEnd: (span, headers) => onEnd?.(span, inHeaders(headers)),
    }
  }

  /** Compares the method's name without its service, as upstream does. */
  private isIgnored(path: string): boolean {
    const { ignoreGrpcMethods = [] } = this.getConfig()
    if (ignoreGrpcMethods.length === 0) return false
    const name = path.slice(path.lastIndexOf('/') + 1)
    return ignoreGrpcMethods.some((pattern) => {
      if (typeof pattern === 'string') return pattern.toLowerCase() === name.toLowerCase()
      return pattern instanceof RegExp ? pattern.test(name) : pattern(name)
    })
  }
}

function fileOf<Exports>(
  name: string,
  versions: readonly string[],
  patch: (exports: Exports) => void,
): InstrumentationNodeModuleFile {
  return patchedFile(`${FOLDER}/${name}.js`, versions, patch)
}

/** Marks the servers of grpc-js, so that other HTTP/2 servers that speak gRPC keep their HTTP spans. */
function owningServers({ Server }: Servers): void {
  replaceMethod<Method>(Server.prototype, '_setupHandlers', (setUp) => {
    return function (this: unknown, server, ...rest) {
      ownServer(server as object)
      return setUp.call(this, server, ...rest)
    }
  })
}

function owningConnections({ Subchannel, Http2SubchannelConnector }: Connections): void {
  for (const connecting of [Subchannel, Http2SubchannelConnector]) {
    if (connecting === undefined) continue
    replaceMethod<Method>(connecting.prototype, 'createSession', (create) => {
      return function (this: unknown, ...args) {
        return owningSessions(() => create.apply(this, args))
      }
    })
  }
}

function inMetadata(metadata: Metadata): Values {
  return (name) => metadata.get(name)
}

function inHeaders(headers: object): Values {
  return (name) => (headers as IncomingHttpHeaders)[name]
}

/** Returns undefined if nothing is captured. */
function capture(direction: 'request' | 'response', names: readonly string[] = []): Capture | undefined {
  if (names.length === 0) return undefined
  return (span, valuesOf) => {
    for (const name of names.map((each) => each.toLowerCase())) {
      const values = [valuesOf(name) ?? []].flat().filter((each) => typeof each === 'string')
      if (values.length > 0) span.setAttribute(`rpc.${direction}.metadata.${name.replaceAll('-', '_')}`, values)
    }
  }
}
