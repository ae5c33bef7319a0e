import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { patchedFile } from '../patched-file.ts'
import { setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import type { FrameworkSpans } from './layer-spans.ts'
import { replaceMethod } from './replace-method.ts'

const SUPPORTED = ['>=17.0.0 <22']

/** The internal request of `lib/request.js`. */
interface Request {
  readonly raw?: { readonly req?: object }
  readonly _route?: Route
  readonly response?: { readonly isBoom?: boolean } | symbol | null
}

interface Route {
  /** The path template, with the prefixes of plugins. */
  readonly path?: unknown
  /** Set on the routes for not-found, malformed and CORS requests. */
  readonly _special?: boolean
  readonly settings?: { readonly handler?: { readonly name?: string } }
}

type Step = (this: Request, ...args: unknown[]) => unknown
type Execute = (this: unknown, request: Request, ...args: unknown[]) => Promise<unknown>

interface HapiOptions extends InstrumentationConfig {
  readonly frameworkSpans?: FrameworkSpans
}

/**
 * Instruments Hapi 17 to 21. The route is known as soon as it is looked up, so that failures before the handler have it
 * too.
 */
export class HapiInstrumentation extends InstrumentationBase<HapiOptions> {
  constructor(config: HapiOptions = {}) {
    super('@paxx/obs/hapi', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('@hapi/hapi', SUPPORTED, (exports: object) => exports, undefined, [
      patchedFile<{ readonly prototype: object }>('@hapi/hapi/lib/request.js', SUPPORTED, ({ prototype }) => {
        replaceMethod<Step>(prototype, '_lookup', naming)
        replaceMethod<Step>(prototype, '_postCycle', recording)
      }),
      patchedFile<object>('@hapi/hapi/lib/handler.js', SUPPORTED, (exports) => {
        const { frameworkSpans = 'none' } = this.getConfig()
        if (frameworkSpans !== 'none') replaceMethod<Execute>(exports, 'execute', (execute) => this.#tracing(execute))
      }),
    ])
  }

  #tracing(execute: Execute): Execute {
    const { tracer } = this
    return async function (this: unknown, request, ...args) {
      const name = request._route?.settings?.handler?.name || 'anonymous'
      const span = tracer.startSpan(`handler - ${name}`, { attributes: { 'hapi.type': 'handler', 'hapi.name': name } })
      try {
        return await context.with(trace.setSpan(context.active(), span), execute, this, request, ...args)
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    }
  }
}

function naming(lookup: Step): Step {
  return function (this: Request, ...args) {
    const result = lookup.apply(this, args)
    const { _route: route, raw } = this
    if (raw?.req !== undefined && typeof route?.path === 'string' && route._special !== true)
      setRoute(raw.req, route.path)
    return result
  }
}

/** An exception of the handler is the response until it is sent. */
function recording(postCycle: Step): Step {
  return function (this: Request, ...args) {
    const { response, raw } = this
    if (typeof response === 'object' && response?.isBoom === true && raw?.req !== undefined) {
      recordFailure(raw.req, response)
    }
    return postCycle.apply(this, args)
  }
}
