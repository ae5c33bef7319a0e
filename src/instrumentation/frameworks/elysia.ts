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

/** Makes the function that serves a route out of what the app was told. */
type ComposeHandler = (this: unknown, described: { readonly app?: App; readonly path?: unknown }) => unknown

/**
 * Elysia 1 on Node (`@elysiajs/node`), which makes code of its routes: the function that it makes of one names the route when it is
 * called. Not with `aot: false`.
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
    // The function that is made calls what is there now.
    if (app !== undefined) replaceMethod<Composed>(app, 'handleError', recording)
    const composed = compose.call(this, described)
    if (typeof composed !== 'function' || typeof path !== 'string') return composed
    const serve = composed as Composed
    return inPlaceOf<Composed>(serve, function (this: unknown, ...args) {
      nameActiveRoute(path)
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
