import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

const SUPPORTED = ['>=3.0.0 <5']

interface Context {
  /** With `@hono/node-server`, node's own messages. */
  readonly env?: { readonly incoming?: object }
}

type Handler = (this: unknown, c: Context, next: unknown) => unknown
/** What Hono adds to its router: the function to call, and the route as the app lists it. */
type Entry = readonly [Handler, { readonly path?: unknown }, ...unknown[]]
type Add = (this: unknown, method: unknown, path: unknown, entry: unknown) => unknown

const ROUTERS: Readonly<Record<string, string>> = {
  'smart-router': 'SmartRouter',
  'reg-exp-router': 'RegExpRouter',
  'trie-router': 'TrieRouter',
  'linear-router': 'LinearRouter',
  'pattern-router': 'PatternRouter',
}

/**
 * Hono 3 and 4 on Node. Its routers are given a handler that names the route when it is called; the app's list of routes keeps its
 * own. What takes a `next` is a middleware, as Hono itself tells them apart.
 */
export class HonoInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/hono', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const files = ['hono/dist', 'hono/dist/cjs'].flatMap((folder) =>
      Object.entries(ROUTERS).map(
        ([name, className]) =>
          new InstrumentationNodeModuleFile(
            `${folder}/router/${name}/router.js`,
            SUPPORTED,
            (exports: Readonly<Record<string, { readonly prototype: object } | undefined>>) => {
              const { prototype } = exports[className] ?? {}
              if (prototype !== undefined) replaceMethod<Add>(prototype, 'add', adding)
              return exports
            },
            () => {},
          ),
      ),
    )
    return new InstrumentationNodeModuleDefinition('hono', SUPPORTED, (exports: object) => exports, undefined, files)
  }
}

/** One router hands its entries on to another. */
const made = new WeakSet<Handler>()

function adding(add: Add): Add {
  return function (this: unknown, method, path, entry) {
    return add.call(this, method, path, isEntry(entry) && !made.has(entry[0]) ? watched(entry) : entry)
  }
}

function isEntry(entry: unknown): entry is Entry {
  return (
    Array.isArray(entry) && typeof entry[0] === 'function' && typeof (entry[1] as Entry[1] | null)?.path === 'string'
  )
}

function watched([handler, route, ...rest]: Entry): Entry {
  const isMiddleware = handler.length > 1
  const calling = inPlaceOf<Handler>(handler, function (this: unknown, c, next) {
    const request = c.env?.incoming
    if (request === undefined) return handler.call(this, c, next)
    if (!isMiddleware) setRoute(request, String(route.path))
    try {
      const result = handler.call(this, c, next)
      if (result instanceof Promise) result.catch((error: unknown) => recordFailure(request, error))
      return result
    } catch (error) {
      recordFailure(request, error)
      throw error
    }
  })
  made.add(calling)
  return [calling, route, ...rest]
}
