import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  type InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { patchedFile } from '../patched-file.ts'
import { setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { replaceMethod } from './replace-method.ts'

const SUPPORTED = ['>=7.0.0 <13']

interface Request {
  readonly route?: { readonly path?: unknown }
}

type LookUp = (this: unknown, request: Request, response: unknown) => unknown
type OnHandlerError = (this: unknown, error: unknown, request: object, ...rest: unknown[]) => unknown

/** Instruments Restify 7 to 12, whose router stores the matched route in the request. */
export class RestifyInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/restify', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const file = (name: string, patch: (prototype: object) => void): InstrumentationNodeModuleFile =>
      patchedFile<{ readonly prototype?: object }>(`restify/lib/${name}.js`, SUPPORTED, ({ prototype }) => {
        if (prototype !== undefined) patch(prototype)
      })
    return new InstrumentationNodeModuleDefinition('restify', SUPPORTED, (exports: object) => exports, undefined, [
      file('router', (prototype) => replaceMethod<LookUp>(prototype, 'lookup', naming)),
      file('server', (prototype) => replaceMethod<OnHandlerError>(prototype, '_onHandlerError', recording)),
    ])
  }
}

function naming(lookUp: LookUp): LookUp {
  return function (this: unknown, request, response) {
    const handler = lookUp.call(this, request, response)
    const path = request.route?.path
    if (handler !== undefined && path !== undefined) setRoute(request, String(path))
    return handler
  }
}

function recording(onHandlerError: OnHandlerError): OnHandlerError {
  return function (this: unknown, error, request, ...rest) {
    recordFailure(request, error)
    return onHandlerError.call(this, error, request, ...rest)
  }
}
