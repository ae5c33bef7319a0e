import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { Stamped } from '../http/stamp.ts'

/** `OBS_FRAMEWORK_SPANS`: which functions of a framework get spans. */
export type FrameworkSpans = 'none' | 'handlers' | 'all'

/** A running layer. There is one for each router that the request is in, the outermost first. */
interface Running {
  /** The `next` that was passed to the layer, the same for all layers of one router and one request. */
  readonly next: unknown
  /** Undefined for a layer without a span. */
  readonly span: Span | undefined
}

/** The layers of one request, as one instance of `LayerSpans` sees them. */
interface Layers {
  readonly by: LayerSpans
  readonly running: Running[]
  /** The span around all layers. */
  readonly root: Span | undefined
  readonly others: Layers | undefined
}

/**
 * Associates a request with its layers. They refer to the request: in a `WeakMap` they would keep it until V8 next
 * collects its old generation.
 */
class LayersOfRequest extends Stamped {
  #layers: Layers | undefined

  constructor(request: object, layers: Layers) {
    super(request)
    this.#layers = layers
  }

  static of(request: object, by: LayerSpans): Layers | undefined {
    let layers = LayersOfRequest.#all(request)
    while (layers !== undefined && layers.by !== by) layers = layers.others
    return layers
  }

  static add(request: object, by: LayerSpans, root: Span | undefined): Layers {
    const layers: Layers = { by, running: [], root, others: LayersOfRequest.#all(request) }
    if (#layers in request) request.#layers = layers
    // oxlint-disable-next-line no-new -- puts it on the request
    else new LayersOfRequest(request, layers)
    return layers
  }

  static #all(request: object): Layers | undefined {
    return #layers in request ? request.#layers : undefined
  }
}

interface Response {
  once?(event: 'close', listener: () => void): unknown
}

/**
 * Makes spans of layers that call a `next`, without wrapping it. A layer ends when the next layer of the same router
 * begins, when the router's parent continues, or at the latest when the response closes, whether it was sent or the
 * client disconnected.
 */
export class LayerSpans {
  readonly #tracer: () => Tracer

  constructor(tracer: () => Tracer) {
    this.#tracer = tracer
  }

  /** Starts the span of a layer and returns the context to call the layer in. */
  begin(request: object, response: Response, next: unknown, name: string, attributes: Attributes): Context {
    const running = this.#of(request, response)
    const parent = this.#parentOf(request, running, next)
    const span = this.#tracer().startSpan(name, { attributes }, parent)
    running.push({ next, span })
    return trace.setSpan(parent, span)
  }

  /** Returns the context to call a layer without a span in, and ends the previous layer. */
  pass(request: object, response: Response, next: unknown): Context {
    const running = this.#of(request, response)
    const parent = this.#parentOf(request, running, next)
    running.push({ next, span: undefined })
    return parent
  }

  #parentOf(request: object, running: readonly Running[], next: unknown): Context {
    const active = context.active()
    const ended = this.endFrom(request, next)
    // A span that the app has made active around its call of `next` is the parent of what follows.
    const isOurs = ended.some((span) => span === trace.getSpan(active))
    return isOurs ? outside(active, running.findLast(({ span }) => span !== undefined)?.span ?? ended.root) : active
  }

  /** Ends the layers that were called with this `next`, and the layers inside them. */
  endFrom(request: object, next: unknown, error?: unknown): Ended {
    const { running = [], root } = LayersOfRequest.of(request, this) ?? {}
    const at = running.findIndex((layer) => layer.next === next)
    const ended: Ended = Object.assign(at === -1 ? [] : running.splice(at).flatMap(({ span }) => span ?? []), { root })
    for (const span of ended.toReversed()) {
      if (error !== undefined) markFailed(span, error)
      span.end()
    }
    return ended
  }

  #of(request: object, response: Response): Running[] {
    const known = LayersOfRequest.of(request, this)
    if (known !== undefined) return known.running
    const { running } = LayersOfRequest.add(request, this, trace.getSpan(context.active()))
    response.once?.('close', () => {
      for (const { span } of running.splice(0).toReversed()) span?.end()
    })
    return running
  }
}

/** The ended spans, the innermost last, and the span around all layers. */
type Ended = Span[] & { readonly root: Span | undefined }

function outside(active: Context, span: Span | undefined): Context {
  return span === undefined ? trace.deleteSpan(active) : trace.setSpan(active, span)
}

/** Marks a span as failed. The exception is recorded once, on the SERVER span. */
export function markFailed(span: Span, error: unknown): void {
  const { name } = (error ?? {}) as { readonly name?: unknown }
  span.setAttribute('error.type', typeof name === 'string' ? name : '_OTHER')
  span.setStatus({ code: SpanStatusCode.ERROR })
}
