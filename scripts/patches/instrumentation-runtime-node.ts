import { ours, type PatchSet, replaced } from './text-patch.ts'

const FILE = 'instrumentation-runtime-node/dist/instrumentation.mjs'
const COLLECTIONS = 'instrumentation-runtime-node/dist/metrics/gcCollector.mjs'
const EVENT_LOOP = ours('src/instrumentation/runtime/event-loop.ts')

export const INSTRUMENTATION_RUNTIME_NODE: PatchSet = {
  reason:
    'Its collectors of the event loop reset when they are read, so that two scrapers take values from each other. Its observer of garbage collections ends a process whose Object.prototype has a "value".',
  upstream:
    'No issue yet. Report: `monitorEventLoopDelay().reset()` in the callback of an observable gives each of two readers a part of the truth. And one of Node.js: `observerCallback` of `internal/perf/observe` makes descriptors with a prototype (gone in 26).',
  test: 'test/e2e/runtime-metrics.test.ts',
  patches: [
    replaced(
      FILE,
      'import { EventLoopUtilizationCollector } from "./metrics/eventLoopUtilizationCollector.mjs";',
      `import { EventLoopDelayCollector, EventLoopUtilizationCollector } from ${EVENT_LOOP};`,
    ),
    replaced(FILE, 'import { EventLoopDelayCollector } from "./metrics/eventLoopDelayCollector.mjs";', ''),
    replaced(FILE, 'monitoringPrecision: 10,', ''),
    replaced(
      COLLECTIONS,
      'this._observer.observe({ entryTypes: ["gc"] });',
      'observeCollections(this._observer);',
      `import { observeCollections } from ${ours('src/instrumentation/runtime/gc-entries.ts')};\n`,
    ),
  ],
}
