import type { Span } from './telemetry.ts'
import { isBefore, isParentMissing, type Trace } from './traces.ts'

/** One line of a waterfall. */
export interface Bar {
  readonly span: Span
  readonly depth: number
  readonly childCount: number
  /** The trace would have been shorter had this span been. */
  readonly isCritical: boolean
  /** Its parent has not come. */
  readonly isOrphan: boolean
}

/** The spans of a trace, parents before their children, children in the order of their starts; without those below `collapsed`. */
export function barsOf(trace: Trace, collapsed: ReadonlySet<string>): Bar[] {
  const children = childrenOf(trace)
  const critical = criticalPath(trace, children)
  const bars: Bar[] = []
  const seen = new Set<string>()
  // A list and no recursion: a trace may be as deep as the app made it.
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
 * The ids of the spans on the critical path: from the end of the root backwards, always into the child that ended last
 * before the moment reached.
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
      // One that outlives its parent counts up to the parent's end; one that ran beside a later one did not hold it up.
      const endMs = Math.min(child.endMs, untilMs)
      if (child.startMs >= momentMs || endMs > momentMs || isBefore(child, span)) continue
      open.push({ span: child, untilMs: endMs })
      momentMs = child.startMs
    }
  }
  return path
}
