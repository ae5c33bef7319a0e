import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { type RouterOptions, RouterWatch } from './layered-router.ts'
import { watchedDependencies } from './next-request.ts'
import { reportingErrors, reportingErrorsOfRouter } from './reported-errors.ts'

/** The exports that are used here. In Express 5, `Router` and `Route` are those of the package `router`. */
interface Express {
  readonly default?: Express
  readonly Router: object & { readonly prototype?: object }
}

/** Instruments Express 4 and 5: names the routes and, if enabled, makes spans of layers. */
export class ExpressInstrumentation extends InstrumentationBase<InstrumentationConfig & RouterOptions> {
  constructor(config: InstrumentationConfig & RouterOptions = {}) {
    super('@paxx/obs/express', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    return [
      ...watchedDependencies(),
      new InstrumentationNodeModuleDefinition('router', ['>=2.0.0 <3'], reportingErrorsOfRouter),
      new InstrumentationNodeModuleDefinition(
        'express',
        ['>=4.0.0 <6'],
        (exports: Express, version) => {
          const { Router } = exports.default ?? exports
          const watch = new RouterWatch(() => this.tracer, this.getConfig())
          // In Express 4, a router inherits from the function that creates routers.
          const router = version?.startsWith('4.') === true ? Router : (Router.prototype ?? Router)
          watch.watch({ router })
          return exports
        },
        undefined,
        [
          new InstrumentationNodeModuleFile(
            'express/lib/router/index.js',
            ['>=4.0.0 <5'],
            (exports: object) => reportingErrors(exports),
            () => {},
          ),
        ],
      ),
    ]
  }
}
