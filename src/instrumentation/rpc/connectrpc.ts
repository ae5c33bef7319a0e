import { SpanKind } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  type InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { patchedFile } from '../patched-file.ts'
import { VERSION } from '../../base/version.ts'
import { replaceMethod } from '../frameworks/replace-method.ts'
import { type RunCall, tracingRuns } from './connectrpc-client.ts'
import { type Interceptor, recordErrors, serving, type UniversalHandler } from './connectrpc-server.ts'
import { RpcCalls } from './rpc-calls.ts'

const SUPPORTED = ['>=1.0.0 <3']

interface HandlerOptions {
  readonly interceptors?: readonly Interceptor[]
  /** Set by the options of an adapter, which are those of its router. */
  readonly requestPathPrefix?: string
}

type Add = (this: unknown, described: unknown, implementation: unknown, options?: HandlerOptions) => unknown

interface Router {
  readonly handlers: UniversalHandler[]
  service: Add
  rpc: Add
}

type CreateRouter = (this: unknown, options?: HandlerOptions, ...rest: unknown[]) => Router

/**
 * Instruments Connect (`@connectrpc/connect`): Connect's own protocol, gRPC and gRPC-Web. On servers (with the adapters for
 * Node.js, Fastify, Express and Next.js), the HTTP request is the call, and has the status that the protocol gave it. On
 * clients (with the transports of `@connectrpc/connect-node` and `@connectrpc/connect-web`), a call is one CLIENT span, and
 * the HTTP requests that carry it have none.
 */
export class ConnectRpcInstrumentation extends InstrumentationBase {
  // Set while the base class constructs; an initialiser here would reset it.
  declare private served: RpcCalls
  declare private called: RpcCalls

  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/connectrpc', VERSION, config)
  }

  override _updateMetricInstruments(): void {
    this.served ??= new RpcCalls(SpanKind.SERVER, () => this.tracer)
    this.called ??= new RpcCalls(SpanKind.CLIENT, () => this.tracer)
    this.served.setMeter(this.meter)
    this.called.setMeter(this.meter)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const files = ['cjs', 'esm'].flatMap((format) => [
      fileOf(`${format}/router`, (exports) => {
        replaceMethod<CreateRouter>(exports, 'createConnectRouter', (create) => creating(create, this.served))
      }),
      fileOf(`${format}/protocol/run-call`, (exports) => {
        replaceMethod<RunCall>(exports, 'runUnaryCall', (run) => tracingRuns(run, this.called, false))
        replaceMethod<RunCall>(exports, 'runStreamingCall', (run) => tracingRuns(run, this.called, true))
      }),
    ])
    return new InstrumentationNodeModuleDefinition(
      '@connectrpc/connect',
      SUPPORTED,
      (exports: object) => exports,
      undefined,
      files,
    )
  }
}

function fileOf(path: string, patch: (exports: object) => void): InstrumentationNodeModuleFile {
  return patchedFile(`@connectrpc/connect/dist/${path}.js`, SUPPORTED, patch)
}

function creating(create: CreateRouter, calls: RpcCalls): CreateRouter {
  return function (this: unknown, options, ...rest) {
    const router = create.call(this, watched(options), ...rest)
    const { handlers } = router
    const { requestPathPrefix = '' } = options ?? {}
    for (const name of ['service', 'rpc'] as const) {
      const add = router[name]
      router[name] = function (this: unknown, described, implementation, own) {
        const before = handlers.length
        // The options of a service, including its interceptors, replace those of the router.
        const result = add.call(this, described, implementation, own?.interceptors === undefined ? own : watched(own))
        for (let at = before; at < handlers.length; at += 1)
          handlers[at] = serving(handlers[at] as UniversalHandler, calls, requestPathPrefix)
        return result
      }
    }
    return router
  }
}

function watched(options: HandlerOptions = {}): HandlerOptions {
  return { ...options, interceptors: [recordErrors, ...(options.interceptors ?? [])] }
}
