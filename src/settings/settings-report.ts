import { shownUrl } from '../base/shown-url.ts'
import type { SettingsSection } from './row.ts'
import type { Settings, SettingProblem } from './settings.ts'
import { rowOf, TABLE } from './table.ts'
import type { Values } from './values.ts'

/** The state of one variable, for the command line. */
export interface SettingState {
  readonly name: string
  readonly section: SettingsSection
  /** The value in use; `(hidden)` for a secret. */
  readonly value: string
  /** `environment`, `.env`, `default`, or what else decides: the name of another variable, `package.json`. */
  readonly source: string
  /** Whether the environment or .env has the variable, usable or not. */
  readonly isSet: boolean
  readonly doc: string
}

export interface SettingsReport {
  readonly settings: Settings
  readonly states: readonly SettingState[]
  /** Includes the problems of a process that is switched off, for which the preload logs none. */
  readonly problems: readonly SettingProblem[]
}

/** Returns the state of every row of the table, for the command line. */
export function reportOf(settings: Settings, values: Values): SettingsReport {
  const off = settings.disabledBy !== undefined
  const names = TABLE.flatMap((row) =>
    row.type === 'pattern' ? Object.keys(values.sources).filter((name) => rowOf(name) === row) : [row.name],
  )
  return {
    settings,
    states: names.map((name) => stateOf(name, values, off ? undefined : settings)),
    problems: off ? values.problems() : settings.problems,
  }
}

function stateOf(name: string, values: Values, settings: Settings | undefined): SettingState {
  const row = rowOf(name)
  if (row === undefined) throw new TypeError(`${name} is not on the settings table`)
  const isSet = values.isWritten(name)
  const common = { name, section: row.section, isSet, doc: row.doc }
  const used = values.isSet(name) ? values.sources[name] : undefined
  const inheritedFrom = used === undefined ? values.inheritedFrom(name) : undefined
  const source = used ?? inheritedFrom ?? 'default'
  const decided = isSet || settings === undefined ? undefined : DECIDED[name]?.(settings, values)
  if (decided !== undefined) return { ...common, source, ...decided }
  const isDefault = !isSet && source === 'default'
  const description = isDefault ? row.defaultText?.replaceAll('`', '') : undefined
  return { ...common, value: description ?? values.shown(name), source }
}

type Decided = (settings: Settings, values: Values) => (Partial<SettingState> & Pick<SettingState, 'value'>) | undefined

/** Effective values that the table only describes as long as the variable itself is not set. */
const DECIDED: Readonly<Record<string, Decided>> = {
  OTEL_SERVICE_NAME({ resource: { serviceName } }, values) {
    if (serviceName === undefined) return undefined
    const isAttribute = values.pairs('OTEL_RESOURCE_ATTRIBUTES').has('service.name')
    return { value: serviceName, source: isAttribute ? 'OTEL_RESOURCE_ATTRIBUTES' : 'package.json' }
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ({ traces }) => ({ value: shownUrl(traces.otlp.endpoint) }),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ({ metrics }) => ({ value: shownUrl(metrics.otlp.endpoint) }),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: ({ logs }) => ({ value: shownUrl(logs.otlp.endpoint) }),
}
