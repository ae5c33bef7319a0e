import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
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
type ComposeHandler = (this: unknown, described: { readonly app?: App; readonly path?: unknown }) => unknown

/**
 * Instruments Elysia 1 on Node.js (`@elysiajs/node`), which compiles its routes into functions: the function of a route
 * names it when it is called. Does not work with `aot: false`.
 */
export class ElysiaInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/elysia', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const files = ['js', 'mjs'].map(
      (extension) =>
        new InstrumentationNodeModuleFile(`elysia/dist/compose.${extension}`, SUPPORTED, watchComposing, () => {}),
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
    return inPlaceOf<Composed>(serve, function (this: unknown, ...args) {
      const { request } = Object(args[0]) as { readonly request?: { readonly url: string } }
      nameActiveRoute(path, request && new URL(request.url).pathname)
      return serve.apply(this, args)
    })
  }
}

function recording(handleError: Composed): Composed {
  return function (this: unknown, ...args) {
    if (!isAnswerByCode(args[1])) recordActiveFailure(args[1])
    return handleError.apply(this, args)
  }
}
