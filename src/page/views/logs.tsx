import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { time } from '../model/format.ts'
import type { LogRecord } from '../model/spans-and-logs.ts'
import type { ViewProps } from './app.tsx'
import { VirtualList } from './virtual-list.tsx'

/** The SeverityNumber of the OpenTelemetry log data model from which a record is a warning or an error. */
const WARN = 13
const ERROR = 17

/** Shows the exported log records, each with a link to its trace. */
export function LogsView({ store }: ViewProps): JSX.Element {
  const [words, setWords] = useState('')
  const logs = store.logs.filter(({ body }) => body.toLowerCase().includes(words.toLowerCase())).toReversed()
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">Logs</h2>
      <form class="filter" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Text
          <input type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
        </label>
      </form>
      {store.logs.length === 0 ? (
        <p class="empty">
          None yet.
          {store.hello?.logsExporters.includes('otlp') !== true && (
            <>
              {' '}
              Log records are shown here when they are exported: with <code>OTEL_LOGS_EXPORTER=otlp</code>, and those of{' '}
              <code>console</code> with <code>OBS_CONSOLE_LOGS=export</code> beside it.
            </>
          )}
        </p>
      ) : logs.length === 0 ? (
        <p class="empty">No log record matches.</p>
      ) : (
        <LogTable logs={logs} />
      )}
    </section>
  )
}

export function LogTable({ logs }: { readonly logs: readonly LogRecord[] }): JSX.Element {
  return (
    <VirtualList items={logs} rowHeight={30} maxHeight={560} label="Log records" keyOf={(_, index) => String(index)}>
      {(record) => (
        <div class={`log ${record.severityNumber >= ERROR ? 'failed' : record.severityNumber >= WARN ? 'warned' : ''}`}>
          <span class="muted nowrap">{time(record.atMs)}</span>
          <span class="severity">{record.severity}</span>
          <span class="body" title={record.body}>
            {record.body}
          </span>
          {record.traceId !== undefined && <a href={`#/traces/${record.traceId}`}>trace</a>}
        </div>
      )}
    </VirtualList>
  )
}
