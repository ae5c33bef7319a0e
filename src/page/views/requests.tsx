import type { JSX } from 'preact'
import { findingsIn } from '../model/findings.ts'
import { count, duration, percent, seconds, time } from '../model/format.ts'
import type { RouteRow } from '../model/metrics.ts'
import { nameOf, text } from '../model/spans-and-logs.ts'
import { durationOf, type Trace } from '../model/traces.ts'
import type { ViewProps } from './app.tsx'
import { Sparkline } from './sparkline.tsx'
import { Findings } from './findings.tsx'
import { MissingRoot } from './missing.tsx'
import { TraceBadge } from './status-badge.tsx'
import { TracesNote } from './traces-note.tsx'

const SHOWN_REQUESTS = 50

/** A trace without its root may well be a request. */
function isRequest({ root, isRootMissing }: Trace): boolean {
  return root.kind === 'server' || isRootMissing
}

/** Shows routes with rates and durations, and the most recent requests. */
export function RequestsView({ store }: ViewProps): JSX.Element {
  const routes = store.metrics.routes()
  const requests = store.traces.list.filter(isRequest).slice(0, SHOWN_REQUESTS)
  return (
    <>
      <Findings findings={findingsIn(store.traces.list)} />
      <section aria-labelledby="routes">
        <h2 id="routes">Routes</h2>
        {routes.length === 0 ? (
          <p class="empty">
            {requests.length === 0
              ? 'No request yet. Send one to the app, and it shows up here.'
              : 'The figures of the routes follow in a moment.'}
          </p>
        ) : (
          <Routes rows={routes} />
        )}
      </section>
      <section aria-labelledby="last-requests">
        <h2 id="last-requests">Last requests</h2>
        <TracesNote store={store} />
        {requests.length === 0 ? <p class="empty">None yet.</p> : <Requests traces={requests} />}
      </section>
    </>
  )
}

function Routes({ rows }: { readonly rows: readonly RouteRow[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of routes">
      <table>
        <thead>
          <tr>
            <th scope="col">Route</th>
            <th scope="col" class="number wide">
              Requests
            </th>
            <th scope="col" class="number">
              Rate
            </th>
            <th scope="col" class="number">
              Errors
            </th>
            <th scope="col" class="number wide">
              p50
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number wide">
              p99
            </th>
            <th scope="col" class="wide">
              Last minute
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.method} ${row.route}`}>
              <th scope="row">
                <span class="method">{row.method}</span> {row.route}
              </th>
              <td class="number wide">{count(row.requests)}</td>
              <td class="number">{count(row.rate)}/s</td>
              <td class={row.failures > 0 ? 'number failed' : 'number'}>{percent(row.failures, row.requests)}</td>
              <td class="number wide">{seconds(row.p50)}</td>
              <td class="number">{seconds(row.p95)}</td>
              <td class="number wide">{seconds(row.p99)}</td>
              <td class="wide">
                <Sparkline values={row.history} label={`Requests a second, now ${count(row.rate)}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Requests({ traces }: { readonly traces: readonly Trace[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of the last requests">
      <table>
        <thead>
          <tr>
            <th scope="col" class="wide">
              Time
            </th>
            <th scope="col">Request</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Duration
            </th>
            <th scope="col" class="number wide">
              Spans
            </th>
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <tr key={trace.id}>
              <td class="nowrap wide">{time(trace.root.startMs)}</td>
              <th scope="row">
                <a href={`#/traces/${trace.id}`}>
                  {trace.isRootMissing ? (
                    <MissingRoot trace={trace} />
                  ) : (
                    <>
                      <span class="method">{text(trace.root.attributes, 'http.request.method')}</span>{' '}
                      {text(trace.root.attributes, 'url.path') || nameOf(trace.root)}
                    </>
                  )}
                </a>
                {trace.repeats.length > 0 && <span class="badge warning">N+1</span>}
              </th>
              <td>
                <TraceBadge trace={trace} />
              </td>
              <td class="number">{duration(durationOf(trace.isRootMissing ? trace : trace.root))}</td>
              <td class="number wide">{trace.spans.size}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
