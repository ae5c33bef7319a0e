import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { InspectedProcess } from '../../base/inspection.ts'
import type { Check } from '../../cli/doctor/check.ts'
import { lossInWords } from '../../cli/doctor/process.ts'
import type { SettingMessage } from '../messages.ts'
import { type ServiceExport, serviceExports } from '../model/exports.ts'
import { count, plural } from '../model/format.ts'
import { mergedInstrumentations } from '../model/merged-instrumentations.ts'
import { verdictOf } from '../model/verdict.ts'
import type { ViewProps } from './app.tsx'

/** Shows the telemetry pipeline: problems, destinations, losses, instrumentations, and the current settings. */
export function TelemetryView({ store: { hello, status, metrics } }: ViewProps): JSX.Element {
  if (hello === undefined || status === undefined) return <p class="empty">Not connected yet.</p>
  const exports = serviceExports(metrics, status.processes)
  return (
    <>
      <Verdict checks={verdictOf(hello, status, exports)} />
      <Exports rows={exports} skippedBatches={status.skippedBatches} />
      <Instrumentations processes={status.processes} />
      <Settings settings={hello.settings} />
    </>
  )
}

const LABELS: Readonly<Record<Check['status'], readonly [text: string, style: string]>> = {
  problem: ['problem', 'error'],
  warning: ['warning', 'warning'],
  ok: ['ok', 'fine'],
  info: ['info', ''],
}

function Verdict({ checks }: { readonly checks: readonly Check[] }): JSX.Element {
  return (
    <section aria-labelledby="verdict">
      <h2 id="verdict">
        Diagnosis <span class="muted small">what paxx-obs doctor says of the running processes</span>
      </h2>
      <ul class="checks">
        {checks.map(({ id, status, text, advice }) => (
          <li key={`${id} ${text}`}>
            <span class={`badge ${LABELS[status][1]}`}>{LABELS[status][0]}</span>
            <span>
              {text}
              {advice !== undefined && <span class="muted advice">→ {advice}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface ExportsProps {
  readonly rows: readonly ServiceExport[]
  readonly skippedBatches: number
}

function Exports({ rows, skippedBatches }: ExportsProps): JSX.Element {
  return (
    <section aria-labelledby="exports">
      <h2 id="exports">
        Export <span class="muted small">of all processes and threads of the service</span>
      </h2>
      {rows.length === 0 && <p class="empty">Nothing is exported: no exporter is set.</p>}
      {rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of exports">
          <table>
            <thead>
              <tr>
                <th scope="col">Signal</th>
                <th scope="col">Endpoint</th>
                <th scope="col" class="number">
                  Exported
                </th>
                <th scope="col" class="number">
                  Waiting
                </th>
                <th scope="col" class="number">
                  Lost
                </th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ route, endpoint, exported, pending, lost, losses, trouble }) => (
                <tr key={route}>
                  <th scope="row">{route}</th>
                  <td>{endpoint}</td>
                  <td class="number">{count(exported)}</td>
                  <td class="number">{count(pending)}</td>
                  <td class={lost > 0 ? 'number failed' : 'number'}>{count(lost)}</td>
                  <td>
                    {Object.entries(losses).map(([reason, lostSo]) => (
                      <div key={reason}>
                        {count(lostSo)} {lossInWords(reason)}
                      </div>
                    ))}
                    {trouble !== undefined && <div class="failed">{trouble}</div>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {skippedBatches > 0 && (
        <p class="hint">
          This page read too slowly: {plural(skippedBatches, 'batch', 'batches')} not shown here. They were exported all
          the same.
        </p>
      )}
    </section>
  )
}

function Instrumentations({ processes }: { readonly processes: readonly InspectedProcess[] }): JSX.Element {
  const rows = mergedInstrumentations(processes)
  return (
    <section aria-labelledby="instrumentations">
      <h2 id="instrumentations">
        Instrumentations in use{' '}
        {processes.length > 1 && <span class="muted small">in {plural(processes.length, 'process', 'processes')}</span>}
      </h2>
      {rows.length === 0 && <p class="empty">None yet: they are loaded with the packages that they cover.</p>}
      <ul class="tags">
        {rows.map(({ name, patched, unsupported, processes: where }) => (
          <li key={name}>
            <strong>{name}</strong> <span class="muted">{patched.join(', ')}</span>
            {where < processes.length && <span class="muted"> · in {plural(where, 'process', 'processes')}</span>}
            {unsupported.length > 0 && <span class="badge warning">not supported: {unsupported.join(', ')}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Settings({ settings }: { readonly settings: readonly SettingMessage[] }): JSX.Element {
  const [isAll, setAll] = useState(false)
  const shown = isAll ? settings : settings.filter(({ isSet }) => isSet)
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <label class="inline">
        <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.currentTarget.checked)} /> Show
        defaults too
      </label>
      {shown.length === 0 ? (
        <p class="empty">All settings have their defaults.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of settings">
          <table>
            <thead>
              <tr>
                <th scope="col">Variable</th>
                <th scope="col">Value</th>
                <th scope="col">Source</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ name, value, source, doc }) => (
                <tr key={name} title={doc}>
                  <th scope="row">
                    <code>{name}</code>
                  </th>
                  <td>{value}</td>
                  <td class="muted">{source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
