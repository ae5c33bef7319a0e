import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SettingMessage, StatusMessage } from '../messages.ts'
import { count } from '../model/format.ts'
import type { ViewProps } from './app.tsx'

/** The telemetry itself: where it goes, what was lost, what is instrumented, and the settings in force. */
export function TelemetryView({ store: { hello, status } }: ViewProps): JSX.Element {
  return (
    <>
      {status !== undefined && <Exports status={status} />}
      {hello !== undefined && hello.problems.length > 0 && (
        <section aria-labelledby="problems">
          <h2 id="problems">Problems with the settings</h2>
          <ul>
            {hello.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </section>
      )}
      {status !== undefined && <Instrumentations status={status} />}
      {hello !== undefined && <Settings settings={hello.settings} />}
    </>
  )
}

function Exports({ status: { exports, skippedBatches } }: { readonly status: StatusMessage }): JSX.Element {
  return (
    <section aria-labelledby="exports">
      <h2 id="exports">Export</h2>
      {exports.length === 0 && <p class="empty">Nothing is exported: no exporter is set.</p>}
      {exports.length > 0 && (
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
              </tr>
            </thead>
            <tbody>
              {exports.map(({ signal, endpoint, exported, pending, lost }) => (
                <tr key={signal}>
                  <th scope="row">{signal}</th>
                  <td>{endpoint}</td>
                  <td class="number">{count(exported)}</td>
                  <td class="number">{count(pending)}</td>
                  <td class={lost > 0 ? 'number failed' : 'number'}>{count(lost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {skippedBatches > 0 && (
        <p class="hint">
          This page read too slowly: {skippedBatches} batches are not shown here. They were exported all the same.
        </p>
      )}
    </section>
  )
}

function Instrumentations({ status: { instrumentations } }: { readonly status: StatusMessage }): JSX.Element {
  return (
    <section aria-labelledby="instrumentations">
      <h2 id="instrumentations">Instrumentations in use</h2>
      <ul class="tags">
        {instrumentations.map(({ name, patched, unsupported }) => (
          <li key={name}>
            <strong>{name}</strong> <span class="muted">{patched.join(', ')}</span>
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
