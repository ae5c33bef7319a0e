import { type Patch, replaced } from './text-patch.ts'

export const INSTRUMENTATION_NET: readonly Patch[] = [
  {
    name: 'instrumentation-net: errors',
    reason:
      'Its listeners of "error" count as those of the app: a socket error that nobody listens to ends no process.',
    upstream: 'No issue yet. Report: the listeners of "error" should be listeners of `events.errorMonitor`.',
    test: 'test/transparency/programs/net-unhandled.cjs',
    changes: [
      replaced(
        'instrumentation-net/dist/instrumentation.mjs',
        '"error"',
        'errorMonitor',
        'import { errorMonitor } from "node:events";\n',
      ),
    ],
  },
]
