import type { JSX } from 'preact'
import { duration } from '../model/format.ts'
import { type Attributes, type OtlpValue, type Span, type SpanEvent, nameOf } from '../model/spans-and-logs.ts'
import { text } from '../model/spans-and-logs.ts'
import { durationOf } from '../model/traces.ts'

/** Shows everything known about one span. All of it is rendered as text, which Preact escapes. */
export function SpanDetails({ span }: { readonly span: Span }): JSX.Element {
  return (
    <aside class="details" aria-label={`Details of ${nameOf(span)}`}>
      <h3>{nameOf(span)}</h3>
      <p class="muted">
        {span.kind} · {duration(durationOf(span))} · {span.scope} · <code>{span.spanId}</code>
      </p>
      {span.statusMessage !== '' && <p class="failed">{span.statusMessage}</p>}
      {span.events.map((event, i) => (
        <EventDetails key={i} event={event} span={span} />
      ))}
      <AttributeTable title="Attributes" attributes={span.attributes} />
      {span.links.length > 0 && (
        <>
          <h4>Links</h4>
          <ul>
            {span.links.map(({ traceId, spanId, attributes }, i) => (
              <li key={i}>
                <a href={`#/traces/${traceId}`}>{traceId}</a> <code>{spanId}</code>
                <AttributeTable title="" attributes={attributes} />
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>Resource</summary>
        <AttributeTable title="" attributes={span.resource} />
      </details>
    </aside>
  )
}

function EventDetails({ event, span }: { readonly event: SpanEvent; readonly span: Span }): JSX.Element {
  const stack = text(event.attributes, 'exception.stacktrace')
  const rest = Object.fromEntries(Object.entries(event.attributes).filter(([name]) => name !== 'exception.stacktrace'))
  return (
    <div class={event.name === 'exception' ? 'event exception' : 'event'}>
      <h4>
        {nameOf(event)} <span class="muted">after {duration(event.atMs - span.startMs)}</span>
      </h4>
      <AttributeTable title="" attributes={rest} />
      {stack !== '' && (
        <pre tabIndex={0} aria-label="Stack trace">
          {stack}
        </pre>
      )}
    </div>
  )
}

function AttributeTable({
  title,
  attributes,
}: {
  readonly title: string
  readonly attributes: Attributes
}): JSX.Element | null {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return null
  return (
    <>
      {title !== '' && <h4>{title}</h4>}
      <table class="attributes">
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{shown(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function shown(value: OtlpValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
