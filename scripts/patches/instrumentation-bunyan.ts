import { ours, type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-bunyan/dist/instrumentation.mjs'

export const INSTRUMENTATION_BUNYAN: readonly Patch[] = [
  {
    name: 'instrumentation-bunyan: class',
    reason:
      'It exports a class of its own in the place of the Logger, with another name and length, of which the loggers of createLogger() are no instances. The class is needed only to send log records.',
    upstream:
      'No issue yet. Report: `bunyan.createLogger({ name }) instanceof bunyan` is false and `bunyan.name` is "LoggerTraced" with the instrumentation enabled.',
    test: 'test/transparency/scenarios/bunyan.mjs',
    changes: [
      replaced(
        FILE,
        'function LoggerTraced(...args) {',
        'if (instrumentation.getConfig().disableLogSending) return module; function LoggerTraced(...args) {',
        `import { resemble } from ${ours('src/instrumentation/resemble.ts')};\n`,
      ),
      replaced(FILE, 'inherits(LoggerTraced, Logger);', 'LoggerTraced.prototype = Logger.prototype;'),
      replaced(FILE, 'Object.assign(LoggerTraced, Logger)', 'resemble(LoggerTraced, Logger)'),
    ],
  },
  {
    name: 'instrumentation-bunyan: fields of the app',
    reason: 'A record in which the app has set its own `trace_id` loses it.',
    upstream: 'No issue yet. Report: leave a record as it is that has a `trace_id` already.',
    test: 'test/e2e/logs.test.ts',
    changes: [
      replaced(
        FILE,
        'if (!isSpanContextValid(spanContext)) return',
        'if (!isSpanContextValid(spanContext) || Object.hasOwn(args[0], "trace_id")) return',
      ),
    ],
  },
]
