import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { type RouterOptions, RouterWatch } from './layered-router.ts'
import { reportingErrorsOfRouter } from './reported-errors.ts'

interface RouterPackage {
  readonly default?: RouterPackage
  readonly prototype: object
}

/**
 * Instruments the package `router` in servers without Express. Express 5 is built on it and covered by the Express
 * instrumentation.
 */
export class RouterInstrumentation extends InstrumentationBase<InstrumentationConfig & RouterOptions> {
  constructor(config: InstrumentationConfig & RouterOptions = {}) {
    super('@paxx/obs/router', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('router', ['>=1.0.0 <3'], (exports: RouterPackage, version) => {
      const reporting = reportingErrorsOfRouter(exports, version)
      const { prototype } = reporting.default ?? reporting
      new RouterWatch(() => this.tracer, this.getConfig()).watch({ router: prototype, isStandalone: true })
      return reporting
    })
  }
}
