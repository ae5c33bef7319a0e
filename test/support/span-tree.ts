import type { ReceivedSpan } from './otlp-decode.ts'

/**
 * Draws spans the way a trace viewer does, one line a span, children under their parent by start time:
 *
 *     server GET /users/:id
 *     ├─ internal middleware - query
 *     └─ client SELECT shop
 */
export function spanTree(
  spans: readonly ReceivedSpan[],
  describe: (span: ReceivedSpan) => string = (span) => `${span.kind} ${span.name}`,
): string {
  const children = childrenByParent(spans)
  return (children.get('') ?? []).flatMap((root) => draw(root, children, describe, '', '')).join('\n')
}

/** Returns the traces of these spans, the oldest first. */
export function traces(spans: readonly ReceivedSpan[]): ReceivedSpan[][] {
  return [...grouped(byStart(spans), (span) => span.traceId).values()]
}

function childrenByParent(spans: readonly ReceivedSpan[]): Map<string, ReceivedSpan[]> {
  const known = new Set(spans.map((span) => span.spanId))
  return grouped(byStart(spans), (span) => (known.has(span.parentSpanId) ? span.parentSpanId : ''))
}

function grouped(spans: readonly ReceivedSpan[], keyOf: (span: ReceivedSpan) => string): Map<string, ReceivedSpan[]> {
  const groups = new Map<string, ReceivedSpan[]>()
  for (const span of spans) groups.set(keyOf(span), [...(groups.get(keyOf(span)) ?? []), span])
  return groups
}

/** The SDK starts spans on a whole millisecond: of those that start together, the one that ended first came first. */
function byStart(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return spans.toSorted((a, b) => Number(a.startNanos - b.startNanos || a.endNanos - b.endNanos))
}

function draw(
  span: ReceivedSpan,
  children: Map<string, ReceivedSpan[]>,
  describe: (span: ReceivedSpan) => string,
  branch: string,
  indent: string,
): string[] {
  const below = children.get(span.spanId) ?? []
  return [
    branch + describe(span),
    ...below.flatMap((child, index) => {
      const last = index === below.length - 1
      return draw(child, children, describe, indent + (last ? '└─ ' : '├─ '), indent + (last ? '   ' : '│  '))
    }),
  ]
}
