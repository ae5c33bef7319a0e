import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { serviceExports } from '../model/exports.ts'
import { duration, plural, time } from '../model/format.ts'
import { nameOf, type Span, text } from '../model/spans-and-logs.ts'
import { durationOf, isBefore, type Trace } from '../model/traces.ts'
import { type Bar, barsOf } from '../model/waterfall.ts'
import type { ViewProps } from './app.tsx'
import { CopyButton } from './copy-button.tsx'
import { curlOf, missingInCurl } from './curl.ts'
import { LogTable } from './logs.tsx'
import { MissingBadge, MissingRoot } from './missing.tsx'
import { SpanDetails } from './span-details.tsx'
import { TraceBadge } from './status-badge.tsx'
import { VirtualList } from './virtual-list.tsx'

const ROW_HEIGHT = 30

/** Shows the waterfall of one trace, with the details of the selected span. */
export function TraceView({ store, id }: ViewProps & { readonly id: string }): JSX.Element {
  const trace = store.traces.get(id)
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const [chosenId, setChosenId] = useState<string>()
  if (trace === undefined) {
    return (
      <section>
        <p class="empty">This trace is not here (any more).</p>
        <a href="#/traces">All traces</a>
      </section>
    )
  }
  const toggle = (spanId: string): void => {
    const next = new Set(collapsed)
    if (!next.delete(spanId)) next.add(spanId)
    setCollapsed(next)
  }
  const chosen = trace.spans.get(chosenId ?? trace.root.spanId)
  const logs = store.logs.filter(({ traceId }) => traceId === id)
  return (
    <section aria-labelledby="trace" class="trace">
      <TraceHeading trace={trace} store={store} />
      <Legend />
      <VirtualList
        items={barsOf(trace, collapsed)}
        rowHeight={ROW_HEIGHT}
        maxHeight={520}
        label="Spans"
        keyOf={({ span }) => span.spanId}
      >
        {(bar) => (
          <BarRow
            bar={bar}
            trace={trace}
            isChosen={bar.span === chosen}
            isCollapsed={collapsed.has(bar.span.spanId)}
            onChoose={setChosenId}
            onToggle={toggle}
          />
        )}
      </VirtualList>
      {chosen !== undefined && <SpanDetails span={chosen} />}
      {logs.length > 0 && (
        <>
          <h3>Log records</h3>
          <LogTable logs={logs} />
        </>
      )}
    </section>
  )
}

function TraceHeading({ trace, store }: ViewProps & { readonly trace: Trace }): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null)
  // Keyboard users continue from the title.
  useEffect(() => title.current?.focus({ preventScroll: true }), [trace.id])
  const curl = trace.isRootMissing ? undefined : curlOf(trace.root)
  const missing = missingInCurl(trace.root)
  return (
    <div class="heading">
      <h2 id="trace" ref={title} tabIndex={-1}>
        {trace.isRootMissing ? <MissingRoot trace={trace} /> : nameOf(trace.root)}{' '}
        <span class="muted">{text(trace.root.attributes, 'url.path')}</span> <TraceBadge trace={trace} />
      </h2>
      <p class="muted">
        {time(trace.startMs)} · {duration(durationOf(trace))} · {plural(trace.spans.size, 'span')} ·{' '}
        <code>{trace.id}</code>
      </p>
      {trace.missing > 0 && (
        <p class="hint">
          <MissingBadge trace={trace} /> {trace.missing === 1 ? 'A span is' : 'Spans are'} named as parent and not here:
          still running, or lost on the way. <a href="#/telemetry">What was lost, and why</a>
        </p>
      )}
      {trace.skewed > 0 && (
        <p class="hint">
          <span class="badge warning">clocks differ</span> {plural(trace.skewed, 'span')} of this trace{' '}
          {trace.skewed === 1 ? 'begins' : 'begin'} before its root. They are drawn at the edge and do not count in its
          duration.
        </p>
      )}
      {trace.missing === 0 && lostSpans(store) > 0 && (
        <p class="hint">
          Spans of this service were dropped, so this trace may be incomplete.{' '}
          <a href="#/telemetry">What was lost, and why</a>
        </p>
      )}
      {trace.repeats.map(({ statement, count, parentId }) => (
        <p class="hint" key={`${parentId} ${statement}`}>
          <span class="badge warning">N+1</span> {count} times below one span: <code>{statement}</code>
        </p>
      ))}
      <p class="actions">
        <a href="#/traces">All traces</a>
        <CopyButton label="Copy as JSON" content={() => JSON.stringify([...trace.spans.values()], undefined, 2)} />
        {curl !== undefined && <CopyButton label="Copy as curl" content={() => curl} />}
        {curl !== undefined && missing !== undefined && <span class="muted small">curl: {missing}</span>}
      </p>
    </div>
  )
}

/** The number of spans dropped since the service started. */
function lostSpans({ metrics, status }: ViewProps['store']): number {
  const traces = serviceExports(metrics, status?.processes ?? []).find(({ route }) => route === 'traces')
  return traces?.lost ?? 0
}

const LEGEND = [
  { style: 'server', text: 'served' },
  { style: 'client', text: 'called out' },
  { style: '', text: 'inside' },
  { style: 'failed', text: 'failed' },
  { style: 'critical', text: 'critical path: what the duration hangs on' },
]

/** Explains the colours of the bars. */
function Legend(): JSX.Element {
  return (
    <p class="legend muted" aria-hidden="true">
      {LEGEND.map(({ style, text }) => (
        <span key={text} class="nowrap">
          <span class={`swatch ${style}`} /> {text}
        </span>
      ))}
    </p>
  )
}

interface BarRowProps {
  readonly bar: Bar
  readonly trace: Trace
  readonly isChosen: boolean
  readonly isCollapsed: boolean
  readonly onChoose: (spanId: string) => void
  readonly onToggle: (spanId: string) => void
}

function BarRow({
  bar: { span, depth, childCount, isCritical, isOrphan },
  trace,
  isChosen,
  isCollapsed,
  onChoose,
  onToggle,
}: BarRowProps): JSX.Element {
  const total = Math.max(durationOf(trace), 0.001)
  const left = percentIn(span.startMs)
  const width = percentIn(span.endMs) - left

  /** Clocks differ, so a span may seem to lie outside its trace. */
  function percentIn(atMs: number): number {
    return Math.min(100, Math.max(0, (100 * (atMs - trace.startMs)) / total))
  }
  return (
    <div class={isChosen ? 'bar-row chosen' : 'bar-row'}>
      <span class="bar-name" style={{ paddingLeft: `${Math.min(depth, 20) * 12}px` }}>
        {childCount > 0 ? (
          <button
            type="button"
            class="toggle"
            aria-expanded={!isCollapsed}
            aria-label={`${childCount} below ${nameOf(span)}`}
            onClick={() => onToggle(span.spanId)}
          >
            {isCollapsed ? '▸' : '▾'}
          </button>
        ) : (
          <span class="toggle" />
        )}
        <button type="button" class="span-name" aria-pressed={isChosen} onClick={() => onChoose(span.spanId)}>
          {nameOf(span)}
          {isOrphan && <span class="muted"> (parent missing)</span>}
          {isBefore(span, trace) && <span class="muted"> (begins before the trace)</span>}
          <span class="muted"> {noteOf(span)}</span>
          {serviceOf(span, trace) !== '' && <span class="muted"> {serviceOf(span, trace)}</span>}
        </button>
      </span>
      <span class="bar-track" aria-hidden="true">
        <span
          class={`bar ${span.kind} ${span.failed ? 'failed' : ''} ${isCritical ? 'critical' : ''}`}
          style={{ left: `min(${left}%, calc(100% - 2px))`, width: `max(2px, ${width}%)` }}
        />
      </span>
      <span class="number">{duration(durationOf(span))}</span>
    </div>
  )
}

/** Returns what the name of a call does not contain: the statement, or the destination of a request. */
function noteOf({ kind, attributes }: Span): string {
  if (kind !== 'client' && kind !== 'producer') return ''
  return text(attributes, 'db.query.text', 'db.query.summary', 'url.full', 'server.address')
}

/** Returns the service or process of a span if it differs from the root's. */
function serviceOf(span: Span, { root }: Trace): string {
  const name = text(span.resource, 'service.name')
  const pid = text(span.resource, 'process.pid')
  if (name !== text(root.resource, 'service.name')) return name
  return pid === text(root.resource, 'process.pid') ? '' : `process ${pid}`
}
