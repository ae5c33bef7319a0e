/**
 * An expected failure as a value: a function whose input may be wrong returns `Value | Problem`. Exceptions are for
 * what should not happen. `reason` completes a log line (`is not valid JSON`).
 */
export class Problem {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}
