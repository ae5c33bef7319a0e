import type { Span } from '@opentelemetry/api'
import { observedCall } from './observed-call.ts'
import { patchMethod } from './patch.ts'

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

/** Makes each outer call of a method an operation, whose span `begin` starts, and `fail` ends when it fails. */
export function patchOutermost(
  outermost: Outermost,
  target: object,
  name: string,
  begin: (self: any, args: Iterable<any>) => Span,
  fail: (span: Span, error: unknown) => void,
): void {
  patchMethod(
    target,
    name,
    (original) =>
      function () {
        if (outermost.isWithin) return original.apply(this, arguments as never)
        return outermost.run(() => observedCall(begin(this, arguments), original, this, arguments, fail))
      },
  )
}
