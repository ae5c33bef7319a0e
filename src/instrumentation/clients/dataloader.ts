import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Client } from '../operations/client.ts'
import type { ClientTracer } from '../operations/client-tracer.ts'
import { endFailed } from '../operations/failure.ts'
import { likeOriginal, moduleOf, patchMethod } from '../operations/patch.ts'

/** The spans that requested keys, by the array of keys of a batch. */
const askers = new WeakMap<object, Set<Span>>()

/**
 * Gives each batch a span, in the context of the first load it serves, with links to the spans of the other loads. A
 * load has no span: it waits for the batch, or for nothing if its key is cached.
 */
function patch(exports: any, tracer: ClientTracer): unknown {
  /** The wrapped batch functions; a loader and proxies of it have the same one. */
  const watched = new WeakSet<object>()
  patchMethod(
    moduleOf(exports).prototype,
    'load',
    (original) =>
      function () {
        const batchFunction: unknown = this?._batchLoadFn
        // Whatever is not a loader gets the error of the library.
        if (typeof batchFunction === 'function' && !watched.has(batchFunction)) {
          watchBatches(this, tracer)
          watched.add(this._batchLoadFn)
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

/** Runs `work` in the span, which ends when `work` returns or when the promise it returns settles. */
function during(span: Span, work: () => any): unknown {
  let result: any
  let hasReturned = false
  try {
    result = context.with(trace.setSpan(context.active(), span), work)
    hasReturned = true
  } finally {
    // There is no `catch` here: for an uncaught exception, Node.js prints the line that threw last.
    if (!hasReturned) span.setStatus({ code: SpanStatusCode.ERROR }).end()
  }
  if (typeof result?.then !== 'function') {
    span.end()
    return result
  }
  // Returns the derived promise instead of the original, because each `then` of a query builder runs the query.
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
