import { compiledAsEsModule, ours, type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-winston/dist/instrumentation.mjs'

export const WINSTON: readonly Patch[] = [
  {
    name: 'winston: transport',
    reason:
      'The transport for log records is a package that no app has installed; it is a chunk of its own here, without the streams of Node 8 and the transport of winston 2.',
    upstream: 'https://github.com/open-telemetry/opentelemetry-js-contrib/issues/2558',
    test: 'test/e2e/logs.test.ts',
    changes: [
      replaced(
        'winston-transport/modern.js',
        "require('readable-stream/lib/_stream_writable.js')",
        "require('node:stream').Writable",
      ),
      replaced('winston-transport/index.js', "module.exports.LegacyTransportStream = require('./legacy');", ''),
      ...['OpenTelemetryTransportV3', 'utils', 'version'].map((name) =>
        compiledAsEsModule(`@opentelemetry/winston-transport/build/src/${name}.js`),
      ),
      replaced(FILE, '__require("@opentelemetry/winston-transport")', '__require("./winston-transport.cjs")'),
    ],
  },
  {
    name: 'winston: logged objects',
    reason:
      "Fields of the trace are written into the objects that the app logs, which throws where one is null or frozen, and the transport into the app's configuration.",
    upstream: 'No issue yet. Report: copy what the app logs, and the options of createLogger(), before adding to them.',
    test: 'test/transparency/scenarios/winston.mjs',
    changes: [
      // In winston 3, the logged object is copied before the fields are added, and so are the transports of a
      // configuration.
      replaced(
        FILE,
        'const record = args[0];',
        'const record = copyOrNew(args[0], {}); if (typeof args[0] === "object" && args[0] !== null) args[0] = record;',
        `import { copyOrNew } from ${ours('src/instrumentation/copied.ts')};\n`,
      ),
      replaced(
        FILE,
        'Array.isArray(originalTransports) ? originalTransports',
        'Array.isArray(originalTransports) ? [...originalTransports]',
      ),
      replaced(FILE, 'args[0].transports = newTransports;', 'args[0] = { ...args[0], transports: newTransports };'),
      // In winston 1 and 2, the last argument that is an object.
      replaced(
        FILE,
        'if (typeof args[i] === "object") {',
        'if (typeof args[i] === "object" && args[i] !== null && !Array.isArray(args[i])) {',
      ),
      replaced(
        FILE,
        'args[i] = Object.assign(args[i], record);',
        'args[i] = copyOrNew(args[i], Object.fromEntries(Object.entries(record).filter(([key]) => !Object.hasOwn(args[i], key))));',
      ),
    ],
  },
  {
    name: 'winston: fields of the app',
    reason: 'A record in which the app has set its own `trace_id` loses it.',
    upstream: 'No issue yet. Report: leave a record as it is that has a `trace_id` already.',
    test: 'test/e2e/logs.test.ts',
    changes: [
      replaced(
        FILE,
        'if (!this.getConfig().disableLogCorrelation) {',
        'if (!this.getConfig().disableLogCorrelation && !Object.hasOwn(record, "trace_id")) {',
      ),
    ],
  },
]
