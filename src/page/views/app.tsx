import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Store } from '../model/store.ts'
import { CallsView } from './calls.tsx'
import { useHash, useStore } from './use-store.ts'
import { LogsView } from './logs.tsx'
import { RequestsView } from './requests.tsx'
import { RuntimeView } from './runtime.tsx'
import { TelemetryView } from './telemetry.tsx'
import { TraceView } from './trace.tsx'
import { TracesView } from './traces.tsx'

export interface ViewProps {
  readonly store: Store
}

const VIEWS: readonly {
  readonly path: string
  readonly title: string
  readonly View: (props: ViewProps) => JSX.Element
}[] = [
  { path: 'requests', title: 'Requests', View: RequestsView },
  { path: 'traces', title: 'Traces', View: TracesView },
  { path: 'calls', title: 'Database and calls', View: CallsView },
  { path: 'logs', title: 'Logs', View: LogsView },
  { path: 'runtime', title: 'Runtime', View: RuntimeView },
  { path: 'telemetry', title: 'Telemetry', View: TelemetryView },
]

export function App({ store }: ViewProps): JSX.Element {
  useStore(store)
  const [path = 'requests', id] = useHash()
  const current = VIEWS.find((view) => view.path === path) ?? VIEWS[0]
  useEffect(() => {
    document.title = `${store.hello?.service ?? '@paxx/obs'} · ${current?.title ?? ''}`
  })
  if (current === undefined) return <main />
  return (
    <>
      <Header store={store} current={current.path} />
      <main>
        <h1 class="hidden">{current.title}</h1>
        {path === 'traces' && id !== undefined ? (
          <TraceView store={store} id={id} key={id} />
        ) : (
          <current.View store={store} />
        )}
      </main>
    </>
  )
}

const STATES = { connecting: 'connecting…', live: 'live', lost: 'connection lost, trying again…' }

function Header({ store, current }: ViewProps & { readonly current: string }): JSX.Element {
  const { hello, connection, isPaused } = store
  return (
    <header>
      <div class="service">
        <strong>{hello?.service ?? '…'}</strong> {hello?.version}{' '}
        <span class="muted">Node.js {hello?.nodeVersion}</span>
        <span class={`state ${connection}`} role="status">
          {STATES[connection]}
        </span>
        <button type="button" aria-pressed={isPaused} onClick={() => store.update({ isPaused: !isPaused })}>
          {isPaused ? 'Resume' : 'Pause'}
        </button>
      </div>
      <nav aria-label="Views">
        {VIEWS.map(({ path, title }) => (
          <a key={path} href={`#/${path}`} aria-current={path === current ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
    </header>
  )
}
