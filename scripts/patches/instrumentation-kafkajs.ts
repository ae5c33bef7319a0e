import { type Patch, replaced } from './text-patch.ts'

const FILE = 'instrumentation-kafkajs/dist/instrumentation.mjs'

/** How each metric is created, with its unit and description. Semantic conventions, messaging/messaging-metrics. */
const METRICS = [
  [
    'createHistogram(METRIC_MESSAGING_CLIENT_OPERATION_DURATION, {',
    's',
    'Duration of messaging operations of a producer or consumer.',
  ],
  ['createHistogram(METRIC_MESSAGING_PROCESS_DURATION, {', 's', 'Duration of processing messages.'],
  ['createCounter(METRIC_MESSAGING_CLIENT_SENT_MESSAGES)', '{message}', 'Messages that a producer tried to send.'],
  ['createCounter(METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES)', '{message}', 'Messages that were handed to the app.'],
] as const

export const INSTRUMENTATION_KAFKAJS: readonly Patch[] = [
  {
    name: 'instrumentation-kafkajs: units',
    reason: 'Its metrics have neither unit nor description, so that a duration in seconds has no suffix that says so.',
    upstream: 'No issue yet. Report: pass `unit` and `description` when the metrics are created.',
    test: 'test/e2e/exemplars.test.ts',
    changes: METRICS.map(([made, unit, description]) =>
      replaced(
        FILE,
        made,
        made.endsWith(')')
          ? `${made.slice(0, -1)}, ${JSON.stringify({ unit, description })})`
          : `${made} unit: ${JSON.stringify(unit)}, description: ${JSON.stringify(description)},`,
      ),
    ),
  },
  {
    name: 'instrumentation-kafkajs: context of a socket',
    reason: 'A duration is recorded in the context of the request that opened the socket, and shows its trace.',
    upstream: 'No issue yet. Report: pass ROOT_CONTEXT where a socket event is measured.',
    test: 'test/e2e/exemplars.test.ts',
    changes: [
      replaced(
        FILE,
        'Number.parseInt(port, 10)\n\t\t});\n\t}\n\t_getProducerPatch',
        'Number.parseInt(port, 10)\n\t\t}, ROOT_CONTEXT);\n\t}\n\t_getProducerPatch',
      ),
    ],
  },
]
