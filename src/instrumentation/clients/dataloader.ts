import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { likeOriginal, moduleOf, patchMethod } from '../operations/patch.ts'

/** Who asked for keys, by the array of a batch's keys. */
const askers = new WeakMap<object, Set<Span>>()

/**
 * Each batch has a span, in the context of the first load that it serves, with links to those of the others. A load has none: what it
 * waits for is the batch, or nothing where its key is in the cache.
 */
function patch(exports: any, tracer: ClientTracer): unknown {
  /** The loaders whose batch function is wrapped. */
  const watched = new WeakSet<object>()
  patchMethod(
    moduleOf(exports).prototype,
    'load',
    (original) =>
      function () {
        if (!watched.has(this)) {
          watched.add(this)
          watchBatches(this, tracer)
        }
        const result = original.apply(this, arguments as never)
        noteAsker(this._batch?.keys)
        return result
      },
  )
  return exports
}

function watchBatches(loader: any, tracer: ClientTracer): void {
  loader._batchLoadFn = likeOriginal(
    loader._batchLoadFn,
    (original) =>
      function (keys) {
        const { name } = this
        const span = tracer.start(
          `dataloader.batch${typeof name === 'string' ? ` ${name}` : ''}`,
          {},
          SpanKind.INTERNAL,
        )
        const parent = trace.getSpan(context.active())
        for (const asker of askers.get(keys) ?? []) if (asker !== parent) span.addLink({ context: asker.spanContext() })
        return during(span, () => original.apply(this, arguments as never))
      },
  )
}

function noteAsker(keys: object | undefined): void {
  const span = trace.getSpan(context.active())
  if (keys === undefined || span === undefined) return
  const known = askers.get(keys)
  if (known === undefined) askers.set(keys, new Set([span]))
  else known.add(span)
}

/** The span is active during `work` and ends with it, or with the promise that it returns. */
function during(span: Span, work: () => any): unknown {
  let result: any
  let hasReturned = false
  try {
    result = context.with(trace.setSpan(context.active(), span), work)
    hasReturned = true
  } finally {
    // Not in a `catch`: Node shows the line that threw last above the stack of a crash.
    if (!hasReturned) span.setStatus({ code: SpanStatusCode.ERROR }).end()
  }
  if (typeof result?.then !== 'function') {
    span.end()
    return result
  }
  // Its result is returned in the place of the promise: `then` of a query builder runs the query, each time.
  return result.then(
    (value: unknown) => {
      span.end()
      return value
    },
    (error: unknown) => {
      endFailed(span, error)
      throw error
    },
  )
}

export const client: Client = {
  hooks: [{ packageName: 'dataloader', versions: ['>=2.0.0 <3'], patch }],
}
