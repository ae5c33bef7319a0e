import { load } from '../../base/chunks.ts'
import type { SettingState } from '../../settings/settings-report.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { inputHere } from './input.ts'
import { type Terminal, wrapped } from '../terminal.ts'

/** The options of the command line. */
export interface SettingsOptions {
  readonly set?: true
  readonly json?: true
}

/** Implements `paxx-obs settings`: prints every variable with its value and the source of the value. */
export function settings({ set, json }: SettingsOptions, terminal: Terminal): ExitCode {
  const {
    settings: read,
    states,
    problems,
  } = load<typeof import('../../settings/read.ts')>('settings').inspectSettings(inputHere())
  const chosen = set === true ? states.filter(({ isSet }) => isSet) : states
  if (json === true) {
    terminal.out(JSON.stringify({ disabledBy: read.disabledBy ?? null, settings: chosen, problems }, undefined, 2))
  } else {
    if (read.disabledBy !== undefined) terminal.out(`Switched off by ${read.disabledBy}.\n`)
    show(chosen, terminal)
  }
  for (const { message } of problems) terminal.err(wrapped(`paxx-obs: ${message}`, terminal.columns, 2))
  return problems.length === 0 ? EXIT.ok : EXIT.problem
}

function show(states: readonly SettingState[], terminal: Terminal): void {
  if (states.length === 0) terminal.out('None of the variables is set in the environment or in .env.')
  let section: string | undefined
  for (const state of states) {
    if (state.section !== section) {
      terminal.out(`${section === undefined ? '' : '\n'}${terminal.styled('bold', HEADINGS[state.section])}`)
      section = state.section
    }
    terminal.out(lineOf(state, terminal))
  }
}

const HEADINGS: Readonly<Record<SettingState['section'], string>> = {
  general: 'General',
  otlp: 'OTLP',
  traces: 'Traces',
  metrics: 'Metrics',
  logs: 'Logs',
  limits: 'Limits',
  node: 'OpenTelemetry for Node.js',
  own: '@paxx/obs',
}

/** Returns `NAME=value` with the source at the right edge, or below if it does not fit. */
function lineOf({ name, value, source, isSet }: SettingState, terminal: Terminal): string {
  const { columns } = terminal
  const shownName = isSet ? terminal.styled('green', name) : name
  const shownSource = terminal.styled('dim', source)
  const gap = columns - 3 - name.length - value.length - source.length
  if (gap >= 1) return `  ${shownName}=${value}${' '.repeat(gap)}${shownSource}`
  const indent = 6
  const text = wrapped(value, columns, indent)
  const lastLength = text.slice(text.lastIndexOf('\n') + 1).length + (text.includes('\n') ? 0 : indent)
  const rest = columns - lastLength - source.length
  const end = rest >= 1 ? ' '.repeat(rest) : `\n${' '.repeat(Math.max(0, columns - source.length))}`
  return `  ${shownName}=\n${' '.repeat(indent)}${text}${end}${shownSource}`
}
