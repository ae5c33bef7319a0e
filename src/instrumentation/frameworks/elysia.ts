import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { patchedFile } from '../patched-file.ts'
import { VERSION } from '../../base/version.ts'
import { nameActiveRoute } from '../http/route.ts'
import { isAnswerByCode, recordActiveFailure } from './failures.ts'
import { replaceExport } from './replace-export.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

const SUPPORTED = ['>=1.2.0 <2']

type Composed = (this: unknown, ...args: unknown[]) => unknown

interface App {
  handleError?: Composed
}

/** Generates the function that serves a route. */
type ComposeHandler = (this: unknown, described: Described) => unknown

interface Described {
  readonly app?: App
  readonly path?: unknown
  /** `error` has the route's functions of `onError`. */
  readonly hooks?: { readonly error?: readonly unknown[] }
}

/** The context of a request. */
interface Context {
  readonly request?: { readonly url: string }
  error?: unknown
}

/**
 * Instruments Elysia 1 on Node.js (`@elysiajs/node`), which compiles its routes into functions: the function of a route
 * names it when it is called. Does not work with `aot: false`.
 */
export class ElysiaInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/elysia', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const files = ['js', 'mjs'].map((extension) =>
      patchedFile(`elysia/dist/compose.${extension}`, SUPPORTED, watchComposing),
    )
    return new InstrumentationNodeModuleDefinition('elysia', SUPPORTED, (exports: object) => exports, undefined, files)
  }
}

function watchComposing(exports: object): object {
  return replaceExport<ComposeHandler>(exports, 'composeHandler', naming)
}

function naming(compose: ComposeHandler): ComposeHandler {
  return function (this: unknown, described) {
    const { app, path } = described
    // The generated function calls the current method.
    if (app !== undefined) replaceMethod<Composed>(app, 'handleError', recording)
    const composed = compose.call(this, described)
    if (typeof composed !== 'function' || typeof path !== 'string') return composed
    const serve = composed as Composed
    const hasOnError = (described.hooks?.error?.length ?? 0) > 0
    return inPlaceOf<Composed>(serve, function (this: unknown, ...args) {
      const requestContext = Object(args[0]) as Context
      nameActiveRoute(path, pathOf(requestContext))
      if (hasOnError) recordAssigned(requestContext)
      return serve.apply(this, args)
    })
  }
}

/**
 * Records the exception that the generated function assigns to the context before it calls the functions of `onError`,
 * whose source Elysia reads, so they cannot be replaced. `handleError` is called only if none of them responds.
 */
function recordAssigned(requestContext: Context): void {
  const before = requestContext.error
  Object.defineProperty(requestContext, 'error', {
    configurable: true,
    enumerable: Object.hasOwn(requestContext, 'error'),
    get: () => before,
    set(error: unknown) {
      delete requestContext.error
      requestContext.error = error
      record(error, requestContext)
    },
  })
}

function recording(handleError: Composed): Composed {
  return function (this: unknown, ...args) {
    record(args[1], Object(args[0]) as Context)
    return handleError.apply(this, args)
  }
}

function record(error: unknown, requestContext: Context): void {
  if (!isAnswerByCode(error)) recordActiveFailure(error, pathOf(requestContext))
}

/** The path that the app was called for, which differs from that of the active request in `app.handle()`. */
function pathOf({ request }: Context): string | undefined {
  return request && new URL(request.url).pathname
}
