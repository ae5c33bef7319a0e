/**
 * An expected failure, as a value: a function whose input may be at fault returns `Value | Problem`. Exceptions are for what
 * should not happen. `reason` is the clause that a log line continues with (`is not valid JSON`).
 */
export class Problem {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}
