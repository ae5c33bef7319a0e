import {
  type Context,
  isSpanContextValid,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

/**
 * The deprecated propagators `jaeger` and `ottrace` of `OTEL_PROPAGATORS`, for services that support nothing else.
 * OpenTelemetry's packages for them do not support the SDK version that is inlined here.
 */
abstract class HeaderPropagator implements TextMapPropagator {
  protected abstract readonly header: string
  protected abstract readonly baggagePrefix: string

  abstract fields(): string[]
  protected abstract write(context: Context, carrier: unknown, setter: TextMapSetter): void
  protected abstract read(context: Context, carrier: unknown, getter: TextMapGetter): Context

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (isTracingSuppressed(context)) return
    this.write(context, carrier, setter)
    for (const [key, { value }] of propagation.getBaggage(context)?.getAllEntries() ?? []) {
      // A key that is not a valid header name would throw in the app's request.
      if (TOKEN.test(key)) setter.set(carrier, `${this.baggagePrefix}${key}`, encodeURIComponent(value))
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.#withBaggage(this.read(context, carrier, getter), carrier, getter)
  }

  #withBaggage(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const entries = new Map(propagation.getBaggage(context)?.getAllEntries())
    const before = entries.size
    let chars = 0
    for (const name of getter.keys(carrier)) {
      if (!name.toLowerCase().startsWith(this.baggagePrefix)) continue
      const value = textOf(getter.get(carrier, name))
      const key = name.slice(this.baggagePrefix.length)
      if (value === undefined || key === '') continue
      chars += key.length + value.length
      if (chars > MAX_BAGGAGE_CHARS || entries.size >= MAX_BAGGAGE_ENTRIES) break
      entries.set(key, { value: decoded(value) })
    }
    if (entries.size === before) return context
    // Set all at once: each `setEntry` would copy all entries.
    return propagation.setBaggage(context, propagation.createBaggage(Object.fromEntries(entries)))
  }
}

/**
 * Jaeger's format `{trace-id}:{span-id}:{parent-span-id}:{flags}`:
 * https://www.jaegertracing.io/sdk-migration/#propagation-format
 */
export class JaegerPropagator extends HeaderPropagator {
  protected readonly header = 'uber-trace-id'
  protected readonly baggagePrefix = 'uberctx-'

  fields(): string[] {
    return [this.header]
  }

  protected write(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (span === undefined || !isSpanContextValid(span)) return
    const flags = (span.traceFlags & TraceFlags.SAMPLED).toString(16)
    setter.set(carrier, this.header, `${span.traceId}:${span.spanId}:0:${flags}`)
  }

  protected read(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const value = textOf(getter.get(carrier, this.header))
    const [, traceId, spanId, flags] = JAEGER.exec(decoded(value ?? '')) ?? []
    return withParent(context, traceId, spanId, (Number.parseInt(flags ?? '0', 16) & 1) === 1)
  }
}

/** LightStep's format: three headers, with only the second half of the trace id. */
export class OtTracePropagator extends HeaderPropagator {
  protected readonly header = 'ot-tracer-traceid'
  protected readonly baggagePrefix = 'ot-baggage-'

  fields(): string[] {
    return [this.header, SPAN_ID, SAMPLED]
  }

  protected write(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (span === undefined || !isSpanContextValid(span)) return
    setter.set(carrier, this.header, span.traceId.slice(16))
    setter.set(carrier, SPAN_ID, span.spanId)
    setter.set(carrier, SAMPLED, String((span.traceFlags & TraceFlags.SAMPLED) !== 0))
  }

  protected read(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const traceId = textOf(getter.get(carrier, this.header))
    const spanId = textOf(getter.get(carrier, SPAN_ID))
    if (!HEX.test(traceId ?? '') || !HEX.test(spanId ?? '')) return context
    const sampled = textOf(getter.get(carrier, SAMPLED))
    return withParent(context, traceId, spanId, sampled === 'true' || sampled === '1')
  }
}

/** The limits that receivers must support: https://www.w3.org/TR/baggage/#limits. Anything beyond is ignored. */
const MAX_BAGGAGE_ENTRIES = 180
const MAX_BAGGAGE_CHARS = 8192

const SPAN_ID = 'ot-tracer-spanid'
const SAMPLED = 'ot-tracer-sampled'

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i
const HEX = /^[0-9a-f]{1,32}$/i
const JAEGER = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:([0-9a-f]{1,2})$/i

/** Ids may come without their leading zeros. */
function withParent(context: Context, traceId = '', spanId = '', sampled: boolean): Context {
  const parent = {
    traceId: traceId.toLowerCase().padStart(32, '0'),
    spanId: spanId.toLowerCase().padStart(16, '0'),
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  }
  return isSpanContextValid(parent) ? trace.setSpanContext(context, parent) : context
}

function textOf(value: undefined | string | string[]): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
