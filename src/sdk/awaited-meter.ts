import type { BatchObservableCallback, Meter, MetricOptions, Observable } from '@opentelemetry/api'
import { AwaitedInstrument, AwaitedObservable, type Recording, sdkObservable } from './awaited-instrument.ts'

type SynchronousKind = 'createGauge' | 'createHistogram' | 'createCounter' | 'createUpDownCounter'
type ObservableKind = 'createObservableGauge' | 'createObservableCounter' | 'createObservableUpDownCounter'

/** A meter whose instruments are created by the meter of the SDK, which `made` loads, when they are first used. */
export class AwaitedMeter implements Meter {
  readonly #made: () => Meter
  readonly #observables: AwaitedObservable[] = []
  /** The callbacks for several instruments, and what is registered with the SDK for each. */
  readonly #batches = new Map<
    BatchObservableCallback,
    { readonly of: readonly Observable[]; readonly registered: BatchObservableCallback }
  >()
  #isObserved = false

  constructor(made: () => Meter) {
    this.#made = made
  }

  createGauge(name: string, options?: MetricOptions): AwaitedInstrument {
    return this.#instrument('createGauge', name, options)
  }

  createHistogram(name: string, options?: MetricOptions): AwaitedInstrument {
    return this.#instrument('createHistogram', name, options)
  }

  createCounter(name: string, options?: MetricOptions): AwaitedInstrument {
    return this.#instrument('createCounter', name, options)
  }

  createUpDownCounter(name: string, options?: MetricOptions): AwaitedInstrument {
    return this.#instrument('createUpDownCounter', name, options)
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    return this.#observable('createObservableGauge', name, options)
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    return this.#observable('createObservableCounter', name, options)
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return this.#observable('createObservableUpDownCounter', name, options)
  }

  addBatchObservableCallback(callback: BatchObservableCallback, of: Observable[]): void {
    if (this.#batches.has(callback)) return
    const registered: BatchObservableCallback = (result) =>
      callback({ observe: (metric, ...observed) => result.observe(sdkObservable(metric), ...observed) })
    this.#batches.set(callback, { of, registered })
    if (this.#isObserved) this.#made().addBatchObservableCallback(registered, of.map(sdkObservable))
  }

  removeBatchObservableCallback(callback: BatchObservableCallback): void {
    const batch = this.#batches.get(callback)
    this.#batches.delete(callback)
    if (batch !== undefined && this.#isObserved)
      this.#made().removeBatchObservableCallback(batch.registered, batch.of.map(sdkObservable))
  }

  /** Registers all callbacks with the SDK. */
  observe(): void {
    this.#isObserved = true
    for (const observable of this.#observables.splice(0)) observable.observe()
    for (const { of, registered } of this.#batches.values())
      this.#made().addBatchObservableCallback(registered, of.map(sdkObservable))
  }

  #instrument(kind: SynchronousKind, name: string, options: MetricOptions | undefined): AwaitedInstrument {
    return new AwaitedInstrument(() => this.#made()[kind](name, options) as unknown as Recording)
  }

  #observable(kind: ObservableKind, name: string, options: MetricOptions | undefined): Observable {
    if (this.#isObserved) return this.#made()[kind](name, options)
    const observable = new AwaitedObservable(() => this.#made()[kind](name, options))
    this.#observables.push(observable)
    return observable
  }
}
