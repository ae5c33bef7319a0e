const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require('@opentelemetry/instrumentation')

// Makes a span of each `greet()` of the package `greeter`.
exports.GreeterInstrumentation = class GreeterInstrumentation extends InstrumentationBase {
  constructor(config = {}) {
    super('greeter-instrumentation', '1.0.0', config)
  }
  init() {
    return [
      new InstrumentationNodeModuleDefinition('greeter', ['*'], (exports) => {
        this._wrap(exports, 'greet', (original) => (...args) => {
          const span = this.tracer.startSpan('greet')
          try {
            return original(...args)
          } finally {
            span.end()
          }
        })
        return exports
      }),
    ]
  }
}
exports.somethingElse = function somethingElse() {
  throw new Error('must not be called')
}
