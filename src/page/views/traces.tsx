import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { duration, plural, time } from '../model/format.ts'
import { nameOf, text } from '../model/spans-and-logs.ts'
import { durationOf, type Trace } from '../model/traces.ts'
import type { ViewProps } from './app.tsx'
import { MissingBadge, MissingRoot } from './missing.tsx'
import { TraceBadge } from './status-badge.tsx'
import { TracesNote } from './traces-note.tsx'
import { VirtualList } from './virtual-list.tsx'

interface Filter {
  readonly words: string
  readonly route: string
  readonly status: string
  readonly minMs: number
  readonly failedOnly: boolean
  readonly order: 'latest' | 'slowest'
}

const ALL: Filter = { words: '', route: '', status: '', minMs: 0, failedOnly: false, order: 'latest' }
const ROW_HEIGHT = 44

/** Shows the traces that the page has, filtered. */
export function TracesView({ store }: ViewProps): JSX.Element {
  const [filter, setFilter] = useState(ALL)
  const all = store.traces.list
  const shown = filtered(all, filter)
  return (
    <section aria-labelledby="traces">
      <h2 id="traces">
        Traces{' '}
        <span class="muted" role="status">
          {shown.length === all.length ? all.length : `${shown.length} of ${all.length}`}
        </span>
      </h2>
      <TracesNote store={store} />
      <FilterBar filter={filter} routes={routesOf(all)} onChange={(change) => setFilter({ ...filter, ...change })} />
      {shown.length === 0 ? (
        <p class="empty">{all.length === 0 ? 'No trace yet.' : 'No trace matches.'}</p>
      ) : (
        <VirtualList items={shown} rowHeight={ROW_HEIGHT} maxHeight={640} label="Traces" keyOf={(trace) => trace.id}>
          {(trace) => <TraceRow trace={trace} />}
        </VirtualList>
      )}
    </section>
  )
}

function TraceRow({ trace }: { readonly trace: Trace }): JSX.Element {
  const { root } = trace
  return (
    <a class="trace-row" href={`#/traces/${trace.id}`}>
      <span class="muted nowrap time">{time(trace.startMs)}</span>
      <span class="name">{trace.isRootMissing ? <MissingRoot trace={trace} /> : nameOf(root)}</span>
      <span class="muted path">{text(root.attributes, 'url.path')}</span>
      {trace.repeats[0] !== undefined && <span class="badge warning">N+1 × {trace.repeats[0].count}</span>}
      <MissingBadge trace={trace} />
      <TraceBadge trace={trace} />
      <span class="number duration">{duration(durationOf(trace))}</span>
      <span class="muted number spans">{plural(trace.spans.size, 'span')}</span>
    </a>
  )
}

interface FilterBarProps {
  readonly filter: Filter
  readonly routes: readonly string[]
  readonly onChange: (change: Partial<Filter>) => void
}

function FilterBar({ filter, routes, onChange }: FilterBarProps): JSX.Element {
  return (
    <form class="filter" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        Text
        <input type="search" value={filter.words} onInput={(event) => onChange({ words: event.currentTarget.value })} />
      </label>
      <label>
        Route
        <select value={filter.route} onChange={(event) => onChange({ route: event.currentTarget.value })}>
          <option value="">all</option>
          {routes.map((route) => (
            <option key={route} value={route}>
              {route}
            </option>
          ))}
        </select>
      </label>
      <label>
        Status
        <select value={filter.status} onChange={(event) => onChange({ status: event.currentTarget.value })}>
          <option value="">all</option>
          {['2', '3', '4', '5'].map((digit) => (
            <option key={digit} value={digit}>{`${digit}xx`}</option>
          ))}
        </select>
      </label>
      <label>
        At least (ms)
        <input
          type="number"
          min="0"
          value={filter.minMs}
          onInput={(event) => onChange({ minMs: Number(event.currentTarget.value) })}
        />
      </label>
      <label class="inline">
        <input
          type="checkbox"
          checked={filter.failedOnly}
          onChange={(event) => onChange({ failedOnly: event.currentTarget.checked })}
        />
        Errors only
      </label>
      <label>
        Order
        <select
          value={filter.order}
          onChange={(event) => onChange({ order: event.currentTarget.value === 'slowest' ? 'slowest' : 'latest' })}
        >
          <option value="latest">latest first</option>
          <option value="slowest">slowest first</option>
        </select>
      </label>
    </form>
  )
}

function filtered(
  traces: readonly Trace[],
  { words, route, status, minMs, failedOnly, order }: Filter,
): readonly Trace[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = traces.filter(
    (trace) =>
      durationOf(trace) >= minMs &&
      (!failedOnly || [...trace.spans.values()].some(({ failed }) => failed)) &&
      (route === '' || routeOf(trace) === route) &&
      (status === '' ||
        (!trace.isRootMissing && text(trace.root.attributes, 'http.response.status_code').startsWith(status))) &&
      (wanted.length === 0 || matches(trace, wanted)),
  )
  return order === 'latest' ? shown : shown.toSorted((a, b) => durationOf(b) - durationOf(a))
}

function matches({ spans }: Trace, words: readonly string[]): boolean {
  const texts = [...spans.values()].map(({ name, traceId, attributes }) =>
    `${name} ${traceId} ${JSON.stringify(attributes)}`.toLowerCase(),
  )
  return words.every((word) => texts.some((each) => each.includes(word)))
}

function routeOf({ root, isRootMissing }: Trace): string {
  return isRootMissing ? '(root missing)' : root.name
}

function routesOf(traces: readonly Trace[]): string[] {
  return [...new Set(traces.map(routeOf))].toSorted()
}
