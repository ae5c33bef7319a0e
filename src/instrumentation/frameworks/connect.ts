import { context } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { leaveRoute, setRoute } from '../http/route.ts'
import { calledAfter } from './called-after.ts'
import { type FrameworkSpans, LayerSpans } from './layer-spans.ts'
import { connectMountOf, enterConnectMount, leaveConnectMount, mountOf } from './mounts.ts'
import { takeNextRequest, watchedDependencies } from './next-request.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { reportingErrors } from './reported-errors.ts'

interface Layer {
  /** The path of the mount; empty at the root. */
  readonly route: string
  readonly handle: Handler
}

interface App {
  readonly stack: readonly Layer[]
}

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Handle = (this: App, ...args: unknown[]) => unknown
type CreateServer = (this: unknown, ...args: unknown[]) => App

interface ConnectOptions extends InstrumentationConfig {
  readonly frameworkSpans?: FrameworkSpans
}

/** A call of an app's `handle`, which passes one request to the layers of the app. */
interface Call {
  /** Undefined before the first layer is called. */
  request?: object
  /** The template of the surrounding apps. */
  prefix: string
  around: ReturnType<typeof connectMountOf>
}

/** The layer that an app read last. It is called before anything else happens, or not at all. */
let read: { readonly call: Call; readonly layer: Layer } | undefined

/**
 * Instruments Connect 3. Paths of mounts are plain text, so they are the routes. While an app handles a request, it reads
 * its layers through a proxy, whose functions name the mount before they are called. The app's own stack is not changed.
 */
export class ConnectInstrumentation extends InstrumentationBase<ConnectOptions> {
  readonly #spans: LayerSpans = new LayerSpans(() => this.tracer)

  constructor(config: ConnectOptions = {}) {
    super('@paxx/obs/connect', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const { frameworkSpans = 'none' } = this.getConfig()
    const views = new WeakMap<Layer, Layer>()
    const viewOf = (layer: Layer): Layer => {
      const known = views.get(layer)
      if (known !== undefined) return known
      const view = Object.create(layer, {
        handle: { get: () => (frameworkSpans === 'none' ? watched(layer.handle) : this.#spanned(layer)) },
      }) as Layer
      views.set(layer, view)
      return view
    }
    return [
      ...watchedDependencies(),
      new InstrumentationNodeModuleDefinition('connect', ['>=3.0.0 <4'], (exports: CreateServer) => {
        const createServer = reportingErrors(exports)
        const creating = function (this: unknown, ...args: unknown[]): App {
          const app = createServer.apply(this, args)
          replaceMethod<Handle>(app, 'handle', (handle) => calledAfter(handle, () => watchNextRead(app, viewOf)))
          return app
        }
        return Object.assign(inPlaceOf(createServer, creating), createServer)
      }),
    ]
  }

  /** Returns the function of a layer, in a span if the layer has one. */
  #spanned({ route, handle }: Layer): Handler {
    const { frameworkSpans } = this.getConfig()
    const ownHandle = watched(handle)
    if (frameworkSpans === 'handlers' && route === '') return ownHandle
    const type = route === '' ? 'middleware' : 'request_handler'
    const name = handle.name || 'anonymous'
    const attributes = { 'connect.type': type, 'connect.name': name }
    const spanning: Handler = (...args) => {
      const [request, response, next] = args.slice(-3) as [object, object, unknown]
      const inside = this.#spans.begin(request, response, next, `${type.replace('_', ' ')} - ${name}`, attributes)
      return context.with(inside, ownHandle, undefined, ...args)
    }
    return inPlaceOf(handle, spanning)
  }
}

/** The app reads its stack once each time it handles a request. It gets one that tells which layer it reads. */
function watchNextRead(app: App, viewOf: (layer: Layer) => Layer): void {
  const descriptor = Object.getOwnPropertyDescriptor(app, 'stack')
  if (descriptor?.configurable !== true || !Array.isArray(descriptor.value)) return
  const restore = (value: unknown): void => {
    Object.defineProperty(app, 'stack', { ...descriptor, value })
  }
  Object.defineProperty(app, 'stack', {
    configurable: true,
    enumerable: descriptor.enumerable === true,
    get() {
      restore(descriptor.value)
      return watchedStack(descriptor.value as Layer[], viewOf)
    },
    set: restore,
  })
}

function watchedStack(stack: readonly Layer[], viewOf: (layer: Layer) => Layer): readonly Layer[] {
  const call: Call = { prefix: '', around: undefined }
  return new Proxy(stack, {
    get(layers, key) {
      const value: unknown = Reflect.get(layers, key)
      if (typeof value === 'object' && value !== null) {
        read = { call, layer: value as Layer }
        return viewOf(value as Layer)
      }
      // After the last layer, the request continues after the app, in the place where it is mounted.
      if (value === undefined && call.request !== undefined) leaveConnectMount(call.request, call.around)
      return value
    },
  })
}

const watchedHandlers = new WeakMap<Handler, Handler>()

/** Functions with four parameters are for errors, which are reported. */
function watched(handle: Handler): Handler {
  if (typeof handle !== 'function' || handle.length > 3) return handle
  const known = watchedHandlers.get(handle)
  if (known !== undefined) return known
  const made = calledAfter(handle, enter)
  watchedHandlers.set(handle, made)
  return made
}

/** Connect has just parsed the URL of the request that it calls the layer with. */
function enter(): void {
  const request = takeNextRequest()
  if (read === undefined || request === undefined) return
  const { call, layer } = read
  read = undefined
  if (call.request === undefined) {
    Object.assign(call, { request, prefix: mountOf(request), around: connectMountOf(request) })
  }
  const path = call.prefix + layer.route
  enterConnectMount(request, path)
  setRoute(request, path === '' ? undefined : path)
  // A request that nothing below the mount answers has no route.
  leaveRoute(request)
}
