import { load } from '../base/chunks.ts'
import { WATCHED_BY_DEFAULT } from '../hooks/watched.generated.ts'
import type { SettingsInput } from '../settings/read.ts'
import type { LogLevel, Settings } from '../settings/settings.ts'
import type { Deciding } from './decide.ts'
import { plainLogLevel } from './plain-environment.ts'

export interface Watched {
  /** Packages and builtins whose loading is a use of telemetry. */
  readonly names: readonly string[]
  /** Whether a `fetch` is one. */
  readonly hasFetch: boolean
  /** Problems of the selection, as log lines. */
  readonly problems: readonly string[]
}

/** The part of the settings that a start needs before the first use of telemetry. */
export interface Outline extends Deciding {
  readonly logLevel: LogLevel
  /** Whether telemetry starts before the app, because a part of it has no first use that could be observed. */
  readonly startsAtOnce: boolean
  readonly problems: readonly string[]
  readonly watched: () => Watched
  /** Whether the settings that a start needs before the SDK are known (`early-settings.ts`). */
  readonly isPlain: boolean
  readonly settings: () => Settings
}

/**
 * Returns the outline. In a plain environment (`plain-environment.ts`) it is known without reading the settings, which a
 * script that uses no telemetry then never does.
 */
export function outlineOf(input: SettingsInput): Outline {
  const read = (): Settings => load<typeof import('../settings/read.ts')>('settings').readSettings(input)
  const logLevel = plainLogLevel(input)
  if (logLevel === undefined) return outlineOfRead(read())
  return {
    disabledBy: undefined,
    guardrails: { always: [], never: [] },
    exports: true,
    logLevel,
    startsAtOnce: false,
    problems: [],
    watched: watchedByDefault,
    // Log records are exported from the start on.
    isPlain: input.env['OTEL_LOGS_EXPORTER'] !== 'otlp',
    settings: read,
  }
}

function outlineOfRead(settings: Settings): Outline {
  const { disabledBy, guardrails, traces, metrics, logs, instrumentations, logLevel, problems } = settings
  const isSelected = instrumentations.enabled !== undefined || instrumentations.disabled.length > 0
  return {
    disabledBy,
    guardrails,
    exports: traces.exporters.length + metrics.exporters.length + logs.exporters.length > 0,
    logLevel,
    startsAtOnce:
      // Every process pushes its metrics at its end.
      metrics.exporters.some((exporter) => exporter !== 'prometheus') ||
      logs.console.length > 0 ||
      instrumentations.extra.length > 0 ||
      // Problems of these options are logged, which requires that they are read.
      Object.keys(instrumentations.options).length > 0,
    problems: problems.map(({ message }) => message),
    watched: () =>
      isSelected ? load<typeof import('./watched.ts')>('watched').watchedBy(instrumentations) : watchedByDefault(),
    isPlain: false,
    settings: () => settings,
  }
}

function watchedByDefault(): Watched {
  return { names: WATCHED_BY_DEFAULT.split(' '), hasFetch: true, problems: [] }
}
