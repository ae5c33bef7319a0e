import { SpanKind } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { replaceMethod } from '../frameworks/replace-method.ts'
import { type Interceptor, noting, serving, type UniversalHandler } from './connectrpc-server.ts'
import { RpcCalls } from './rpc-calls.ts'

const SUPPORTED = ['>=1.0.0 <3']

interface HandlerOptions {
  readonly interceptors?: readonly Interceptor[]
}

type Add = (this: unknown, described: unknown, implementation: unknown, options?: HandlerOptions) => unknown

interface Router {
  readonly handlers: UniversalHandler[]
  service: Add
  rpc: Add
}

type CreateRouter = (this: unknown, options?: HandlerOptions, ...rest: unknown[]) => Router

/**
 * Instruments Connect servers (`@connectrpc/connect` with the adapters for Node.js, Fastify, Express and Next.js) that
 * speak Connect's own protocol, gRPC and gRPC-Web. The HTTP request is the call, and has the status that the protocol
 * gave it.
 */
export class ConnectRpcInstrumentation extends InstrumentationBase {
  // Set while the base class constructs; an initialiser here would reset it.
  declare private served: RpcCalls

  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/connectrpc', VERSION, config)
  }

  override _updateMetricInstruments(): void {
    this.served ??= new RpcCalls(SpanKind.SERVER, () => this.tracer)
    this.served.setMeter(this.meter)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const files = ['cjs', 'esm'].map(
      (format) =>
        new InstrumentationNodeModuleFile(
          `@connectrpc/connect/dist/${format}/router.js`,
          SUPPORTED,
          (exports: object) => {
            replaceMethod<CreateRouter>(exports, 'createConnectRouter', (create) => creating(create, this.served))
            return exports
          },
          () => {},
        ),
    )
    return new InstrumentationNodeModuleDefinition(
      '@connectrpc/connect',
      SUPPORTED,
      (exports: object) => exports,
      undefined,
      files,
    )
  }
}

function creating(create: CreateRouter, calls: RpcCalls): CreateRouter {
  return function (this: unknown, options, ...rest) {
    const router = create.call(this, watched(options), ...rest)
    const { handlers } = router
    for (const name of ['service', 'rpc'] as const) {
      const add = router[name]
      router[name] = function (this: unknown, described, implementation, own) {
        const before = handlers.length
        // The options of a service, including its interceptors, replace those of the router.
        const result = add.call(this, described, implementation, own?.interceptors === undefined ? own : watched(own))
        for (let at = before; at < handlers.length; at += 1)
          handlers[at] = serving(handlers[at] as UniversalHandler, calls)
        return result
      }
    }
    return router
  }
}

function watched(options: HandlerOptions = {}): HandlerOptions {
  return { ...options, interceptors: [noting, ...(options.interceptors ?? [])] }
}
