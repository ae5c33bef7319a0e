import type { JSX } from 'preact'
import { type CallRow, databaseCalls, outgoingCalls } from '../model/calls.ts'
import { count, duration, percent } from '../model/format.ts'
import type { ViewProps } from './app.tsx'
import { TracesNote } from './traces-note.tsx'

/** A statement that runs this often below one span is marked. */
const REPEATS_HINT = 5

/** Shows the calls to databases and other services, aggregated over the traces that the page has. */
export function CallsView({ store }: ViewProps): JSX.Element {
  const traces = store.traces.list
  return (
    <>
      <TracesNote store={store} />
      <CallTable title="Database operations" rows={databaseCalls(traces)} />
      <CallTable title="Outgoing calls" rows={outgoingCalls(traces)} />
    </>
  )
}

function CallTable({ title, rows }: { readonly title: string; readonly rows: readonly CallRow[] }): JSX.Element {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p class="empty">None yet.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Table of ${title.toLowerCase()}`}>
          <table>
            <thead>
              <tr>
                <th scope="col" class="wide">
                  Target
                </th>
                <th scope="col">What</th>
                <th scope="col" class="number">
                  Calls
                </th>
                <th scope="col" class="number wide">
                  Errors
                </th>
                <th scope="col" class="number wide">
                  p95
                </th>
                <th scope="col" class="number">
                  Slowest
                </th>
                <th scope="col" class="number wide">
                  Total
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.target} ${row.what}`}>
                  <td class="wide">{row.target}</td>
                  <th scope="row">
                    <code>{row.what}</code>
                    {row.repeats >= REPEATS_HINT && (
                      <a href={`#/traces/${row.exampleTraceId}`} class="badge warning">
                        N+1: {row.repeats} × below one span
                      </a>
                    )}
                  </th>
                  <td class="number">{count(row.count)}</td>
                  <td class={row.failures > 0 ? 'number wide failed' : 'number wide'}>
                    {percent(row.failures, row.count)}
                  </td>
                  <td class="number wide">{duration(row.p95Ms)}</td>
                  <td class="number">
                    <a href={`#/traces/${row.slowestTraceId}`}>{duration(row.slowestMs)}</a>
                  </td>
                  <td class="number wide">{duration(row.totalMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
