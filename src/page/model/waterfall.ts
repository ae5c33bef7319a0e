import type { Span } from './spans-and-logs.ts'
import { isBefore, isParentMissing, type Trace } from './traces.ts'

/** One row of a waterfall. */
export interface Bar {
  readonly span: Span
  readonly depth: number
  readonly childCount: number
  /** Whether the span is on the critical path: if it were shorter, so would the trace be. */
  readonly isCritical: boolean
  /** Whether its parent has not arrived. */
  readonly isOrphan: boolean
}

/**
 * Returns the spans of a trace: parents before their children, children by their start, without those below
 * `collapsed`.
 */
export function barsOf(trace: Trace, collapsed: ReadonlySet<string>): Bar[] {
  const children = childrenOf(trace)
  const critical = criticalPath(trace, children)
  const bars: Bar[] = []
  const seen = new Set<string>()
  // A list instead of recursion, because a trace can have any depth.
  const open: { readonly span: Span; readonly depth: number }[] = rootsOf(trace)
    .map((span) => ({ span, depth: 0 }))
    .toReversed()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { span, depth } = next
    if (seen.has(span.spanId)) continue
    seen.add(span.spanId)
    const below = children.get(span.spanId) ?? []
    bars.push({
      span,
      depth,
      childCount: below.length,
      isCritical: critical.has(span.spanId),
      isOrphan: isParentMissing(span, trace.spans),
    })
    if (!collapsed.has(span.spanId))
      for (const child of below.toReversed()) open.push({ span: child, depth: depth + 1 })
  }
  return bars
}

function rootsOf({ spans, root }: Trace): Span[] {
  const roots = [...spans.values()]
    .filter(({ parentId }) => parentId === undefined || !spans.has(parentId))
    .toSorted((a, b) => a.startMs - b.startMs)
  return roots.length > 0 ? roots : [root]
}

function childrenOf({ spans }: Trace): Map<string, Span[]> {
  const children = new Map<string, Span[]>()
  for (const span of spans.values()) {
    if (span.parentId === undefined || !spans.has(span.parentId)) continue
    const siblings = children.get(span.parentId)
    if (siblings === undefined) children.set(span.parentId, [span])
    else siblings.push(span)
  }
  for (const siblings of children.values()) siblings.sort((a, b) => a.startMs - b.startMs)
  return children
}

/**
 * Returns the ids of the spans on the critical path: from the end of the root backwards, each time into the child that
 * ended last.
 */
function criticalPath({ root }: Trace, children: ReadonlyMap<string, readonly Span[]>): Set<string> {
  const path = new Set<string>()
  const open: { readonly span: Span; readonly untilMs: number }[] = [{ span: root, untilMs: root.endMs }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { span, untilMs } = next
    if (path.has(span.spanId)) continue
    path.add(span.spanId)
    let momentMs = untilMs
    const lastFirst = (children.get(span.spanId) ?? []).toSorted((a, b) => b.endMs - a.endMs)
    for (const child of lastFirst) {
      // A span that outlives its parent counts up to the parent's end; a span that ran concurrently with a later one
      // did not delay it.
      const endMs = Math.min(child.endMs, untilMs)
      if (child.startMs >= momentMs || endMs > momentMs || isBefore(child, span)) continue
      open.push({ span: child, untilMs: endMs })
      momentMs = child.startMs
    }
  }
  return path
}
