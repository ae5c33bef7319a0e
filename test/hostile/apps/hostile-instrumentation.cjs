/** An instrumentation of the app that does what `DOES` says at the place that `WHERE` names. */
const act = {
  exits: () => process.exit(4),
  throws() {
    throw new Error('by the app')
  },
  never: () => new Promise(() => {}),
}[process.env.DOES]

const instrumentation = { instrumentationName: 'hostile', enable() {}, disable() {} }
const at = (name) => Object.defineProperty(instrumentation, name, { get: act, configurable: true })

const PLACES = {
  loading: act,
  'its class'() {
    exports.Hostile = class {
      constructor() {
        act()
      }
      enable() {}
      disable() {}
    }
  },
  'its exports': () => Object.defineProperty(exports, 'hostile', { enumerable: true, get: act }),
  'its name': () => at('instrumentationName'),
  'its enable': () => (instrumentation.enable = act),
  'its tracer provider': () => (instrumentation.setTracerProvider = act),
  'its definitions': () => (instrumentation.getModuleDefinitions = act),
  'its patch': () => at('_onRequire'),
  'a patch that cannot be replaced': () =>
    Object.freeze(Object.assign(instrumentation, { _onRequire: (_, exports) => (act(), exports) })),
}

PLACES[process.env.WHERE]()
if (process.env.WHERE !== 'its class' && process.env.WHERE !== 'its exports') exports.hostile = instrumentation
