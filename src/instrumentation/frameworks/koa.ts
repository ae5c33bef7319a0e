import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { recordFailure } from './failures.ts'
import { watchRouter } from './koa-router.ts'
import type { FrameworkSpans } from './layer-spans.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

interface KoaContext {
  readonly req: object
}

type Middleware = (this: unknown, ctx: KoaContext, next: unknown) => unknown
type OnError = (this: KoaContext, error: unknown) => unknown
type Callback = (this: { middleware: Middleware[] }, ...args: unknown[]) => unknown

interface KoaOptions extends InstrumentationConfig {
  readonly frameworkSpans?: FrameworkSpans
}

interface Class {
  readonly prototype: object
}

/** Instruments Koa 2 and 3 with `@koa/router` or `koa-router`. */
export class KoaInstrumentation extends InstrumentationBase<KoaOptions> {
  constructor(config: KoaOptions = {}) {
    super('@paxx/obs/koa', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return [
      new InstrumentationNodeModuleDefinition('koa', ['>=2.0.0 <4'], (exports: object) => {
        const Koa = classIn(exports, 'default') as (Class & (new () => { readonly context: object })) | undefined
        if (Koa === undefined) return exports
        replaceMethod<OnError>(Object.getPrototypeOf(new Koa().context) as object, 'onerror', recording)
        if (this.getConfig().frameworkSpans === 'all') {
          replaceMethod<Callback>(Koa.prototype, 'callback', (callback) => this.#tracing(callback))
        }
        return exports
      }),
      router('@koa/router'),
      router('koa-router'),
    ]
  }

  /** Traces the composed middlewares. The app's list of middlewares is not changed. */
  #tracing(callback: Callback): Callback {
    const traced = (middleware: Middleware): Middleware => inPlaceOf(middleware, this.#traced(middleware))
    return function (this: { middleware: Middleware[] }, ...args) {
      const own = this.middleware
      this.middleware = own.map(traced)
      try {
        return callback.apply(this, args)
      } finally {
        this.middleware = own
      }
    }
  }

  /** The span of a middleware includes everything after its `next()`, because the middleware awaits that. */
  #traced(middleware: Middleware): Middleware {
    const name = middleware.name || 'anonymous'
    const attributes = { 'koa.type': 'router' in middleware ? 'router' : 'middleware', 'koa.name': name }
    return (ctx, next) => {
      const span = this.tracer.startSpan(`${attributes['koa.type']} - ${name}`, { attributes })
      ;(ctx as { readonly res?: { once?(event: 'close', ended: () => void): unknown } }).res?.once?.('close', () =>
        span.end(),
      )
      return context.with(trace.setSpan(context.active(), span), async () => {
        try {
          return await middleware(ctx, next)
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR })
          throw error
        } finally {
          end(span)
        }
      })
    }
  }
}

function end(span: Span): void {
  if (span.isRecording()) span.end()
}

function router(name: string): InstrumentationNodeModuleDefinition {
  return new InstrumentationNodeModuleDefinition(name, ['>=7.0.0'], (exports: object) => {
    watchRouter(classIn(exports, 'Router')?.prototype ?? {})
    return exports
  })
}

/** The class is the module itself, its `default` or a named export. */
function classIn(exports: object, name: string): Class | undefined {
  const { default: byDefault, [name]: named } = exports as Readonly<Record<string, unknown>>
  return [exports, named, byDefault].find((each): each is Class & object => typeof each === 'function')
}

function recording(onError: OnError): OnError {
  return function (this: KoaContext, error) {
    if (error) recordFailure(this.req, error)
    return onError.call(this, error)
  }
}
