import type { Attributes, Context, Histogram, Meter, MeterProvider, ObservableUpDownCounter } from '@opentelemetry/api'
import { ActiveRequests } from './active-requests.ts'
import { SCOPE } from './scope.ts'

/** Semantic conventions, http/http-metrics: `ExplicitBucketBoundaries`. */
const DURATION_BOUNDARIES_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** The conventions define none for sizes. These range from a short response to a large upload. */
const SIZE_BOUNDARIES_BYTES = [0, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216]

/** Records the HTTP server metrics of the semantic conventions. */
export class ServerMetrics {
  readonly active: ActiveRequests = new ActiveRequests()
  readonly #measuresBodies: boolean
  #activeCounter: ObservableUpDownCounter | undefined
  #durations: Histogram | undefined
  #requestSizes: Histogram | undefined
  #responseSizes: Histogram | undefined

  constructor(measuresBodies: boolean) {
    this.#measuresBodies = measuresBodies
  }

  setMeterProvider(provider: MeterProvider): void {
    const meter = provider.getMeter(SCOPE.name, SCOPE.version)
    this.#activeCounter?.removeCallback(this.active.observe)
    this.#activeCounter = meter.createObservableUpDownCounter('http.server.active_requests', {
      unit: '{request}',
      description: 'Number of active HTTP server requests.',
    })
    this.#activeCounter.addCallback(this.active.observe)
    this.#durations = meter.createHistogram('http.server.request.duration', {
      unit: 's',
      description: 'Duration of HTTP server requests.',
      advice: { explicitBucketBoundaries: DURATION_BOUNDARIES_S },
    })
    if (!this.#measuresBodies) return
    this.#requestSizes = sizes(meter, 'request')
    this.#responseSizes = sizes(meter, 'response')
  }

  /** `context` is the request's own, for exemplars. */
  record(durationMs: number, requestBytes: number, responseBytes: number, labels: Attributes, context: Context): void {
    this.#durations?.record(durationMs / 1000, labels, context)
    this.#requestSizes?.record(requestBytes, labels, context)
    this.#responseSizes?.record(responseBytes, labels, context)
  }
}

function sizes(meter: Meter, of: string): Histogram {
  return meter.createHistogram(`http.server.${of}.body.size`, {
    unit: 'By',
    description: `Size of HTTP server ${of} bodies.`,
    advice: { explicitBucketBoundaries: SIZE_BOUNDARIES_BYTES },
  })
}
