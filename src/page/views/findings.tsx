import type { JSX } from 'preact'
import type { Finding } from '../model/findings.ts'

const STYLES: Readonly<Record<Finding['kind'], string>> = { error: 'error', 'N+1': 'warning', slow: 'warning' }

/** Shows what a developer should look at first; nothing if there are no findings. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }): JSX.Element | null {
  if (findings.length === 0) return null
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">Worth a look</h2>
      <ul class="findings">
        {findings.map(({ kind, what, detail, traceId }) => (
          <li key={`${kind} ${what} ${traceId}`}>
            <span class={`badge ${STYLES[kind]}`}>{kind}</span>
            <a href={`#/traces/${traceId}`}>{what}</a>
            <code class="muted">{detail}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}
