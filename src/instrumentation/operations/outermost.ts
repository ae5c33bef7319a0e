/**
 * Distinguishes the app's call from calls that a library makes to its own methods: only the outer one is the operation.
 * This covers calls made before the outer call returns.
 */
export class Outermost {
  isWithin = false

  run<Result>(call: () => Result): Result {
    this.isWithin = true
    try {
      return call()
    } finally {
      this.isWithin = false
    }
  }
}
