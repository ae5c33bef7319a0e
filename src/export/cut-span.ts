import type { Attributes } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { warn } from '../base/diag.ts'
import { setOwn } from '../sdk/own-attribute.ts'
import { RateLimitedLog } from './rate-limited-log.ts'

/**
 * A span with a longer encoding is truncated: a collector with the usual limit of 4 MiB would refuse its whole batch.
 */
export const MAX_SPAN_BYTES: number = 1024 * 1024
/** What is kept of a truncated span: the length of each text, and of all texts together. */
const MAX_TEXT_CHARS = 4096
const MAX_CHARS = 65_536
const MAX_EVENTS = 32
const MAX_LINKS = 128

/** The attribute that marks a truncated span. */
const CUT = 'obs.span.cut'

/**
 * Returns a copy of the span whose encoding is far smaller than `MAX_SPAN_BYTES`: texts are shortened, and attributes,
 * events and links over the limits are counted as dropped. The copy has the attribute `obs.span.cut`.
 */
export function cutSpan(span: ReadableSpan): ReadableSpan {
  log.write(
    'cut',
    (count) => `traces: ${count} spans larger than 1 MiB were truncated; they have the attribute ${CUT}`,
    1,
  )
  const room = { chars: MAX_CHARS }
  const { message } = span.status
  const attributes = cutAttributes(span.attributes, room)
  return {
    name: shortened(span.name, room),
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: { ...span.status, ...(message === undefined ? {} : { message: shortened(message, room) }) },
    attributes: { ...attributes, [CUT]: true },
    links: span.links
      .slice(0, MAX_LINKS)
      .map((link) => ({ ...link, attributes: cutAttributes(link.attributes ?? {}, room) })),
    events: span.events.slice(-MAX_EVENTS).map((event) => ({
      ...event,
      name: shortened(event.name, room),
      attributes: cutAttributes(event.attributes ?? {}, room),
    })),
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount + countOf(span.attributes) - countOf(attributes),
    droppedEventsCount: span.droppedEventsCount + Math.max(0, span.events.length - MAX_EVENTS),
    droppedLinksCount: span.droppedLinksCount + Math.max(0, span.links.length - MAX_LINKS),
  }
}

const log = new RateLimitedLog(warn)

interface Room {
  chars: number
}

function cutAttributes(attributes: Attributes, room: Room): Attributes {
  const kept: Attributes = {}
  for (const [name, value] of Object.entries(attributes)) {
    room.chars -= name.length + 16
    if (room.chars <= 0) break
    setOwn(kept, name, cutValue(value, room))
  }
  return kept
}

function cutValue(value: Attributes[string], room: Room): Attributes[string] {
  if (typeof value === 'string') return shortened(value, room)
  if (typeof value !== 'object' || value === null) return value
  const all = Array.isArray(value) ? (value as Attributes[string][]) : []
  const kept: unknown[] = []
  for (const each of all) {
    room.chars -= 8
    if (room.chars <= 0) break
    kept.push(cutValue(each, room))
  }
  return kept as Attributes[string]
}

function shortened(text: string, room: Room): string {
  const kept = text.slice(0, Math.max(0, Math.min(MAX_TEXT_CHARS, room.chars)))
  room.chars -= kept.length
  return kept
}

function countOf(attributes: Attributes): number {
  return Object.keys(attributes).length
}
