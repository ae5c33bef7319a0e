import type { LogLevel, Settings } from '../settings/settings.ts'

/** The settings that a start needs before the SDK. */
export interface EarlySettings extends Pick<Settings, 'logLevel' | 'propagators' | 'print' | 'instrumentations'> {
  readonly lifecycle: Settings['lifecycle']
  readonly traces: Pick<Settings['traces'], 'exporters'>
  readonly metrics: Pick<Settings['metrics'], 'exporters'>
  readonly logs: Pick<Settings['logs'], 'exporters' | 'console'>
}

/**
 * Returns the early settings of a plain environment (`plain-environment.ts`) without reading them: they are the
 * defaults. The SDK reads all settings, when the app has started.
 */
export function plainSettings(logLevel: LogLevel): EarlySettings {
  return {
    logLevel,
    propagators: ['tracecontext', 'baggage'],
    print: false,
    traces: { exporters: ['otlp'] },
    metrics: { exporters: ['prometheus'] },
    logs: { exporters: [], console: [] },
    instrumentations: {
      enabled: undefined,
      disabled: [],
      extra: [],
      options: {},
      ignorePaths: [],
      ignoreHosts: [],
      unmeasured: { paths: [], hosts: [] },
      httpKnownMethods: undefined,
      frameworkSpans: 'none',
      capture: [],
      sendsLogs: false,
    },
    lifecycle: {
      exitFlushTimeoutMs: 500,
      signalFlushTimeoutMs: 2000,
      maxRetainedBytes: 33_554_432,
      maxExportBytes: 4_128_768,
    },
  }
}
