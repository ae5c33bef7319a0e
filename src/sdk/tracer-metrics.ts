import type { Attributes, Counter, Meter, SpanContext, UpDownCounter } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/api'

/** The attribute of the sampling decision. Semantic conventions, otel/sdk-metrics. */
const RESULT = 'otel.span.sampling_result'
const ORIGIN = 'otel.span.parent.origin'

/** The attribute's values by sampling decision. */
const RESULTS = ['DROP', 'RECORD_ONLY', 'RECORD_AND_SAMPLE'] as const
const LIVE: readonly Attributes[] = RESULTS.map((result) => Object.freeze({ [RESULT]: result }))
const [FROM_NONE, FROM_REMOTE, FROM_LOCAL]: readonly Attributes[][] = ['none', 'remote', 'local'].map((origin) =>
  RESULTS.map((result) => Object.freeze({ [ORIGIN]: origin, [RESULT]: result })),
)

/**
 * Replaces the module of that name of the trace SDK in the bundle (`scripts/patches/`): the metrics `otel.sdk.span.*`
 * of one tracer. The SDK's own creates two attribute objects and a function per span; here all nine and three are
 * shared.
 */
export class TracerMetrics {
  readonly #started: Counter
  readonly #live: UpDownCounter
  readonly #ended: readonly (() => void)[]

  constructor(meter: Meter) {
    this.#started = meter.createCounter('otel.sdk.span.started', {
      unit: '{span}',
      description: 'The number of created spans.',
    })
    this.#live = meter.createUpDownCounter('otel.sdk.span.live', {
      unit: '{span}',
      description: 'The number of currently live spans.',
    })
    this.#ended = LIVE.map((attributes) => () => this.#live.add(-1, attributes))
  }

  /** Counts a started span. Returns the function to call when it ends. */
  startSpan(parent: SpanContext | undefined, decision: SamplingDecision): (() => void) | undefined {
    const started = parent === undefined ? FROM_NONE : parent.isRemote ? FROM_REMOTE : FROM_LOCAL
    this.#started.add(1, started?.[decision])
    if (decision === SamplingDecision.NOT_RECORD) return undefined
    this.#live.add(1, LIVE[decision])
    return this.#ended[decision]
  }
}
