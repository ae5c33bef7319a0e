import { context } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { leaveRoute, setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { type FrameworkSpans, LayerSpans } from './layer-spans.ts'
import { connectMountOf, enterConnectMount, leaveConnectMount, mountOf } from './mounts.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

interface Layer {
  /** The path of the mount; empty at the root. */
  readonly route: string
  readonly handle: Handler
}

interface App {
  readonly stack: readonly Layer[]
}

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Out = (this: unknown, ...args: unknown[]) => unknown
type Handle = (this: App, request: object, response: object, out?: Out, ...more: unknown[]) => unknown
type CreateServer = (this: unknown, ...args: unknown[]) => App

interface ConnectOptions extends InstrumentationConfig {
  readonly frameworkSpans?: FrameworkSpans
}

/** A layer of the copied stack, whose `handle` calls the original layer's function. */
interface Watched extends Layer {
  readonly source: Layer
  readonly original: Handler
}

/**
 * Instruments Connect 3. Paths of mounts are plain text, so they are the routes. Each request is handled with a copy of
 * the app's stack, whose functions track the mounts; the app's own stack is not changed.
 */
export class ConnectInstrumentation extends InstrumentationBase<ConnectOptions> {
  readonly #spans: LayerSpans = new LayerSpans(() => this.tracer)

  constructor(config: ConnectOptions = {}) {
    super('@paxx/obs/connect', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('connect', ['>=3.0.0 <4'], (createServer: CreateServer) => {
      const handling = this.#handling()
      const creating = function (this: unknown, ...args: unknown[]): App {
        const app = createServer.apply(this, args)
        replaceMethod<Handle>(app, 'handle', handling)
        return app
      }
      return Object.assign(inPlaceOf(createServer, creating), createServer)
    })
  }

  #handling(): (handle: Handle) => Handle {
    const watched = (layer: Layer, prefix: string): Watched => this.#watched(layer, prefix)
    return (handle) => {
      const copies = new Map<string, readonly Watched[]>()
      const stackOf = (app: App, prefix: string): readonly Watched[] => {
        const known = copies.get(prefix)
        if (known !== undefined && isCopy(known, app.stack)) return known
        const copy = app.stack.map((layer) => watched(layer, prefix))
        copies.set(prefix, copy)
        return copy
      }
      return function (this: App, request, response, out, ...more) {
        const around = connectMountOf(request)
        const stack = stackOf(this, mountOf(request))
        const app = Object.create(this, { stack: { value: stack } }) as App
        return handle.call(
          app,
          request,
          response,
          typeof out === 'function' ? leaving(out, request, around) : out,
          ...more,
        )
      }
    }
  }

  /** `prefix` is the template of the surrounding apps. */
  #watched(source: Layer, prefix: string): Watched {
    const { route, handle: original } = source
    const path = prefix + route
    const entering: Handler = (...args) => {
      const isError = args.length > 3
      const [request, , next] = (isError ? args.slice(1) : args) as [object, object, unknown]
      if (isError) recordFailure(request, args[0])
      else this.#enter(request, path)
      return this.#called(source, args, next)
    }
    return { source, original, route, handle: inPlaceOf(original, entering) }
  }

  #enter(request: object, path: string): void {
    enterConnectMount(request, path)
    setRoute(request, path === '' ? undefined : path)
    // A request that nothing below the mount answers has no route.
    leaveRoute(request)
  }

  #called({ route, handle }: Layer, args: unknown[], next: unknown): unknown {
    const { frameworkSpans = 'none' } = this.getConfig()
    if (frameworkSpans === 'none' || (frameworkSpans === 'handlers' && route === ''))
      return handle.apply(undefined, args)
    const [request, response] = args.slice(-3) as [object, object]
    const type = route === '' ? 'middleware' : 'request_handler'
    const name = handle.name || 'anonymous'
    const attributes = { 'connect.type': type, 'connect.name': name }
    const inside = this.#spans.begin(request, response, next, `${type.replace('_', ' ')} - ${name}`, attributes)
    return context.with(inside, handle, undefined, ...args)
  }
}

/** Continues after the app, in the place where it is mounted. */
function leaving(out: Out, request: object, around: ReturnType<typeof connectMountOf>): Out {
  return function (this: unknown, ...args) {
    leaveConnectMount(request, around)
    return out.apply(this, args)
  }
}

/** Returns whether the stack is still the one that was copied. */
function isCopy(copy: readonly Watched[], stack: readonly Layer[]): boolean {
  if (copy.length !== stack.length) return false
  return copy.every(({ source, original }, at) => source === stack[at] && original === source.handle)
}
