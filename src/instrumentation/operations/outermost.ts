/**
 * Tells the call of the app's from those that a library makes of its own methods inside of it: the outer one is the operation. It
 * holds for what runs before the call returns.
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
