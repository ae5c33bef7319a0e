import { type PatchSet, replaced } from './text-patch.ts'

const FILE = 'instrumentation-tedious/dist/instrumentation.mjs'

export const INSTRUMENTATION_TEDIOUS: PatchSet = {
  reason:
    'Its listener of a request\'s "error" counts as one of the app\'s: an error that nobody listens to is not thrown any more. A call that tedious itself refuses is no matter for a warning.',
  upstream: 'No issue yet. Report: `request.once("error", endSpan)` should listen to `events.errorMonitor`.',
  test: 'test/transparency/scenarios/tedious.mjs',
  patches: [
    replaced(
      FILE,
      'request.once("error", endSpan)',
      'request.once(errorMonitor, endSpan)',
      'import { errorMonitor } from "node:events";\n',
    ),
    replaced(FILE, 'request.removeListener("error", endSpan)', 'request.removeListener(errorMonitor, endSpan)'),
    replaced(FILE, '_diag.warn(`Unexpected invocation', '_diag.debug(`Unexpected invocation'),
  ],
}
