import type { Observable, ObservableCallback } from '@opentelemetry/api'

/** The methods of all synchronous instruments. */
export interface Recording {
  add(...measurement: unknown[]): void
  record(...measurement: unknown[]): void
}

/** A synchronous instrument that is created by `make` when it is first used. */
export class AwaitedInstrument implements Recording {
  readonly #make: () => Recording
  #made: Recording | undefined

  constructor(make: () => Recording) {
    this.#make = make
  }

  add(...measurement: unknown[]): void {
    this.#made ??= this.#make()
    this.#made.add(...measurement)
  }

  record(...measurement: unknown[]): void {
    this.#made ??= this.#make()
    this.#made.record(...measurement)
  }
}

/** An observable instrument that is created by `make` once it may be observed and has callbacks. */
export class AwaitedObservable implements Observable {
  readonly #make: () => Observable
  readonly #callbacks = new Set<ObservableCallback>()
  #isObserved = false
  #made: Observable | undefined

  constructor(make: () => Observable) {
    this.#make = make
  }

  /** The instrument of the SDK. */
  get sdk(): Observable {
    this.#made ??= this.#make()
    return this.#made
  }

  addCallback(callback: ObservableCallback): void {
    if (this.#isObserved) this.sdk.addCallback(callback)
    else this.#callbacks.add(callback)
  }

  removeCallback(callback: ObservableCallback): void {
    if (this.#isObserved) this.sdk.removeCallback(callback)
    else this.#callbacks.delete(callback)
  }

  observe(): void {
    this.#isObserved = true
    for (const callback of this.#callbacks) this.sdk.addCallback(callback)
    this.#callbacks.clear()
  }
}

/** Returns the instrument of the SDK behind one that was created before it. */
export function sdkObservable(observable: Observable): Observable {
  return observable instanceof AwaitedObservable ? observable.sdk : observable
}
