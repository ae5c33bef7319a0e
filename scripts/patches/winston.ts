import { compiledAsEsModule, type PatchSet, replaced } from './patch.ts'

export const WINSTON: PatchSet = {
  reason:
    'The transport for log records is a package that no app has installed; it is a chunk of its own here, without the streams of Node 8 and the transport of winston 2.',
  upstream: 'https://github.com/open-telemetry/opentelemetry-js-contrib/issues/2558',
  test: 'test/e2e/logs.test.ts',
  patches: [
    replaced(
      'winston-transport/modern.js',
      "require('readable-stream/lib/_stream_writable.js')",
      "require('node:stream').Writable",
    ),
    replaced('winston-transport/index.js', "module.exports.LegacyTransportStream = require('./legacy');", ''),
    ...['OpenTelemetryTransportV3', 'utils', 'version'].map((name) =>
      compiledAsEsModule(`@opentelemetry/winston-transport/build/src/${name}.js`),
    ),
    replaced(
      'instrumentation-winston/dist/instrumentation.mjs',
      '__require("@opentelemetry/winston-transport")',
      '__require("./winston-transport.cjs")',
    ),
  ],
}
