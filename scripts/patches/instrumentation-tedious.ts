import { type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-tedious/dist/instrumentation.mjs'

export const INSTRUMENTATION_TEDIOUS: readonly Patch[] = [
  {
    name: 'instrumentation-tedious: errors',
    reason:
      'Its listener of a request\'s "error" counts as one of the app\'s: an error that nobody listens to is not thrown any more.',
    upstream: 'No issue yet. Report: `request.once("error", endSpan)` should listen to `events.errorMonitor`.',
    test: 'test/transparency/scenarios/tedious.mjs',
    changes: [
      replaced(
        FILE,
        'request.once("error", endSpan)',
        'request.once(errorMonitor, endSpan)',
        'import { errorMonitor } from "node:events";\n',
      ),
      replaced(FILE, 'request.removeListener("error", endSpan)', 'request.removeListener(errorMonitor, endSpan)'),
    ],
  },
  {
    name: 'instrumentation-tedious: warning',
    reason: 'A call that tedious itself refuses is no matter for a warning.',
    upstream: 'No issue yet. Report: log an unexpected invocation at the level debug, since tedious throws an error.',
    test: 'test/transparency/scenarios/tedious.mjs',
    changes: [replaced(FILE, '_diag.warn(`Unexpected invocation', '_diag.debug(`Unexpected invocation')],
  },
]
