import { ours, type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-runtime-node/dist/instrumentation.mjs'
const EVENT_LOOP = ours('src/instrumentation/runtime/event-loop.ts')

export const INSTRUMENTATION_RUNTIME_NODE: readonly Patch[] = [
  {
    name: 'instrumentation-runtime-node: event loop',
    reason:
      'Its collectors of the event loop reset when they are read, so that two scrapers take values from each other.',
    upstream:
      'No issue yet. Report: `monitorEventLoopDelay().reset()` in the callback of an observable gives each of two readers a part of the truth.',
    test: 'test/e2e/runtime-metrics.test.ts',
    changes: [
      replaced(
        FILE,
        'import { EventLoopUtilizationCollector } from "./metrics/eventLoopUtilizationCollector.mjs";',
        `import { EventLoopDelayCollector, EventLoopUtilizationCollector } from ${EVENT_LOOP};`,
      ),
      replaced(FILE, 'import { EventLoopDelayCollector } from "./metrics/eventLoopDelayCollector.mjs";', ''),
      replaced(FILE, 'monitoringPrecision: 10,', ''),
    ],
  },
  {
    name: 'instrumentation-runtime-node: garbage collection',
    reason: 'Its observer of garbage collections ends a process whose Object.prototype has a "value".',
    upstream:
      'No issue yet. Report, to Node.js: `observerCallback` of `internal/perf/observe` makes descriptors with a prototype (gone in 26).',
    test: 'test/hostile/pollution.test.ts',
    changes: [
      replaced(
        'instrumentation-runtime-node/dist/metrics/gcCollector.mjs',
        'this._observer.observe({ entryTypes: ["gc"] });',
        'observeCollections(this._observer);',
        `import { observeCollections } from ${ours('src/instrumentation/runtime/gc-entries.ts')};\n`,
      ),
    ],
  },
]
