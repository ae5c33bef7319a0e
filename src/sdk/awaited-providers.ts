import {
  createNoopMeter,
  type LoggerProvider,
  type Meter,
  type MeterProvider,
  ProxyTracer,
  ProxyTracerProvider,
  type Tracer,
  type TracerDelegator,
  type TracerProvider,
} from '@opentelemetry/api'
import { AwaitedMeter } from './awaited-meter.ts'

/** The SDK's providers; undefined for a signal that is off. */
export interface SdkProviders {
  readonly tracerProvider: TracerProvider | undefined
  readonly meterProvider: MeterProvider | undefined
  readonly loggerProvider: LoggerProvider | undefined
}

/**
 * Providers that exist before the SDK, which is large and needed for the first span or measurement only. Tracers and
 * meters of theirs get the SDK from `load` at their first use; what is created later comes from the SDK itself. Without
 * a provider of the SDK, nothing is recorded.
 */
export class AwaitedProviders implements TracerDelegator {
  /** Loads the SDK, unless that has begun. */
  readonly load: () => void
  readonly #meters: AwaitedMeter[] = []
  #tracerProvider: TracerProvider | undefined
  #meterProvider: MeterProvider | undefined

  /** `load` loads the SDK and passes its providers to `use`. It never throws, and is called once. */
  constructor(load: () => void) {
    let isLoading = false
    this.load = () => {
      if (isLoading) return
      isLoading = true
      load()
    }
  }

  readonly tracerProvider: TracerProvider = {
    getTracer: (...scope) => this.#tracerProvider?.getTracer(...scope) ?? new ProxyTracer(this, ...scope),
  }

  readonly meterProvider: MeterProvider = {
    getMeter: (...scope) => {
      if (this.#meterProvider !== undefined) return this.#meterProvider.getMeter(...scope)
      const meter = new AwaitedMeter(() => this.#loadedMeter(scope))
      this.#meters.push(meter)
      return meter
    },
  }

  /** Called by the tracers at each span until there is a tracer of the SDK. */
  getDelegateTracer(...scope: Parameters<TracerProvider['getTracer']>): Tracer | undefined {
    this.load()
    return this.#tracerProvider?.getTracer(...scope)
  }

  use({ tracerProvider, meterProvider }: SdkProviders): void {
    this.#tracerProvider = tracerProvider ?? new ProxyTracerProvider()
    this.#meterProvider = meterProvider ?? { getMeter: () => createNoopMeter() }
  }

  /** Registers what the meters observe with the SDK. Called after the instrumentations have got its providers. */
  observe(): void {
    for (const meter of this.#meters.splice(0)) meter.observe()
  }

  #loadedMeter(scope: Parameters<MeterProvider['getMeter']>): Meter {
    this.load()
    return this.#meterProvider?.getMeter(...scope) ?? createNoopMeter()
  }
}
