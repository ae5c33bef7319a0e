import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  type InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { patchedFile } from '../patched-file.ts'
import { VERSION } from '../../base/version.ts'
import { keepRoute, leaveRoute, mountAround, setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { passingOn } from './passing-on.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

const SUPPORTED = ['>=3.0.0 <5']

interface Incoming {
  readonly url?: string
}

interface Context {
  readonly req: { readonly path: string }
  /** The error that a handler threw, set before the error handler of its app is called. */
  readonly error?: unknown
  /** With `@hono/node-server`, the Node.js request and response. */
  readonly env?: { readonly incoming?: Incoming }
}

interface Handler {
  (this: unknown, c: Context, next: unknown): unknown
  /** The app's handler, in the function with which `route` adds the error handler of a sub-app. In Hono 4. */
  readonly __COMPOSED_HANDLER?: Handler
}
/** An entry of Hono's router: the function to call, and the route as the app lists it. */
type Entry = readonly [Handler, { readonly path?: unknown }, ...unknown[]]
type Add = (this: unknown, method: unknown, path: unknown, entry: unknown) => unknown
type Mount = (this: unknown, ...args: unknown[]) => unknown
type Exports = Readonly<Record<string, { readonly prototype: object } | undefined>>

const ROUTERS: Readonly<Record<string, string>> = {
  'smart-router': 'SmartRouter',
  'reg-exp-router': 'RegExpRouter',
  'trie-router': 'TrieRouter',
  'linear-router': 'LinearRouter',
  'pattern-router': 'PatternRouter',
}

/**
 * Instruments Hono 3 and 4 on Node.js. The router gets a wrapped handler that names the route when it is called; the
 * app's list of routes keeps the original. A function that takes `next` is a middleware, by Hono's own definition: it
 * names its route too, unless it passes the request on and nothing answers that. Middlewares of `use` for everything
 * below a path have no route.
 */
export class HonoInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/hono', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const files = ['hono/dist', 'hono/dist/cjs'].flatMap((folder) => [
      patching(`${folder}/hono-base.js`, 'HonoBase', (app) => replaceMethod<Mount>(app, 'mount', mounting)),
      ...Object.entries(ROUTERS).map(([name, className]) =>
        patching(`${folder}/router/${name}/router.js`, className, (router) =>
          replaceMethod<Add>(router, 'add', adding),
        ),
      ),
    ])
    return new InstrumentationNodeModuleDefinition('hono', SUPPORTED, (exports: object) => exports, undefined, files)
  }
}

function patching(file: string, className: string, patch: (prototype: object) => void): InstrumentationNodeModuleFile {
  return patchedFile<Exports>(file, SUPPORTED, (exports) => {
    const { prototype } = exports[className] ?? {}
    if (prototype !== undefined) patch(prototype)
  })
}

/** Whether `mount` is adding an entry, which looks like one of `use`. */
let isMounting = false

function mounting(mount: Mount): Mount {
  return function (this: unknown, ...args) {
    isMounting = true
    try {
      return mount.apply(this, args)
    } finally {
      isMounting = false
    }
  }
}

/** The handlers that were made here, since one router may pass its entries to another. */
const made = new WeakSet<Handler>()
/** The handlers of mounts, which a router around them gets again. */
const mounts = new WeakSet<Handler>()

function adding(add: Add): Add {
  return function (this: unknown, method, path, entry) {
    return add.call(this, method, path, isEntry(entry) && !made.has(entry[0]) ? watched(entry, method) : entry)
  }
}

function isEntry(entry: unknown): entry is Entry {
  return (
    Array.isArray(entry) && typeof entry[0] === 'function' && typeof (entry[1] as Entry[1] | null)?.path === 'string'
  )
}

function watched([handler, route, ...rest]: Entry, method: unknown): Entry {
  const own = ownHandlerOf(handler)
  if (isMounting) mounts.add(own)
  const isMount = mounts.has(own)
  const isMiddleware = own.length > 1
  const hasRoute = !isMiddleware || isMount || method !== 'ALL' || !String(route.path).endsWith('*')
  // A sub-app with an error handler of its own responds to what its handlers throw.
  const isCaught = composedIn(handler) !== undefined
  const calling = inPlaceOf<Handler>(handler, function (this: unknown, c, next) {
    const request = c.env?.incoming
    if (request === undefined) return handler.call(this, c, next)
    const below = joinTemplates(mountOf(request, c.req.path), String(route.path))
    const path = joinTemplates(mountAround(request), below)
    if (hasRoute) setRoute(request, path, c.req.path)
    if (hasRoute && isMiddleware) leaveRoute(request)
    if (isMiddleware && below.endsWith('/*') && below !== '/*') starredOf(request).push(below)
    const answered = (result: unknown): void => {
      // A 404 of a mounted app is not a route of this one.
      if (hasRoute && isMiddleware && !isMount && isResponse(result)) keepRoute(request, path)
    }
    try {
      const result = handler.call(this, c, next)
      if (!(result instanceof Promise)) {
        answered(result)
        return result
      }
      return passingOn(
        result,
        (response) => {
          answered(response)
          if (isCaught) recordFailure(request, c.error, c.req.path)
        },
        (error) => recordFailure(request, error, c.req.path),
      )
    } catch (error) {
      recordFailure(request, error, c.req.path)
      throw error
    }
  })
  made.add(calling)
  return [calling, route, ...rest]
}

/** Recognises a response by its members, because servers replace the global class. */
function isResponse(result: unknown): boolean {
  return typeof (result as { readonly status?: unknown } | null | undefined)?.status === 'number'
}

/** The sub-apps around a handler may each have added an error handler. */
function ownHandlerOf(handler: Handler): Handler {
  const composed = composedIn(handler)
  return composed === undefined ? handler : ownHandlerOf(composed)
}

/** In Hono 3.12, the key is a symbol that is not exported. */
function composedIn(handler: Handler): Handler | undefined {
  if (handler.__COMPOSED_HANDLER !== undefined) return handler.__COMPOSED_HANDLER
  const symbol = Object.getOwnPropertySymbols(handler).find(({ description }) => description === 'composedHandler')
  return symbol && (handler as unknown as Readonly<Record<symbol, Handler>>)[symbol]
}

/** The middlewares for all below a path that were called for a request: `mount` adds one of them. */
const starred = new WeakMap<Incoming, string[]>()

function starredOf(request: Incoming): string[] {
  const paths = starred.get(request) ?? []
  starred.set(request, paths)
  return paths
}

/** Returns the template of the mount in which an app was called for `path`, which lacks that much of the request's path. */
function mountOf(request: Incoming, path: string): string {
  const paths = starred.get(request)
  if (paths === undefined) return ''
  const depth = depthOf(request.url?.split('?', 1)[0] ?? '') - depthOf(path)
  return depth > 0 ? (paths.find((each) => depthOf(each) === depth + 1)?.slice(0, -'/*'.length) ?? '') : ''
}

function depthOf(path: string): number {
  return path.split('/').length - 1
}
