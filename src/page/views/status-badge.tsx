import type { JSX } from 'preact'
import { type Span, text } from '../model/spans-and-logs.ts'
import type { Trace } from '../model/traces.ts'

/** Shows the outcome of a trace, which is that of its root if it has arrived. */
export function TraceBadge({ trace: { root, isRootMissing, failed } }: { readonly trace: Trace }): JSX.Element {
  if (!isRootMissing) return <StatusBadge span={root} />
  return <span class={`badge ${failed ? 'error' : 'neutral'}`}>{failed ? 'error' : 'unknown'}</span>
}

/** Shows the status code of a response, or the error, in the colour of its class. */
export function StatusBadge({ span }: { readonly span: Span }): JSX.Element {
  const status = text(
    span.attributes,
    'http.response.status_code',
    'rpc.response.status_code',
    'db.response.status_code',
  )
  const error = text(span.attributes, 'error.type')
  const failed = span.failed || Number(status) >= 500
  const shown = status || error || (span.failed ? 'error' : 'ok')
  return <span class={`badge ${failed ? 'error' : Number(status) >= 400 ? 'warning' : 'fine'}`}>{shown}</span>
}
