import { join } from 'node:path'
import { MAY_NAME_OURS } from '../base/variable.ts'
import type { SettingsInput } from '../settings/read.ts'
import type { LogLevel } from '../settings/settings.ts'

/** Excludes internationalized names and addresses other than 127.0.0.1, some of which `URL` rejects. */
const HOST = String.raw`(?:127\.0\.0\.1|(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.(?!xn--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)*)`
/** Excludes 4318, which is reported as a problem with gRPC. */
const PORT = String.raw`(?!4318\b)[1-9]\d{0,3}|[1-5]\d{4}`

/** The variables that most services set, and the values of each that are valid whatever the others are. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  METRICS_ENABLED: /^true$/,
  OTEL_SDK_DISABLED: /^false$/,
  OTEL_SERVICE_NAME: /^[\w.-]+$/,
  OTEL_RESOURCE_ATTRIBUTES: /^[a-z][\w.]*=[\w.-]+(?:,[a-z][\w.]*=[\w.-]+)*$/,
  OTEL_LOG_LEVEL: /^(?:error|warn|info)$/,
  OTEL_TRACES_EXPORTER: /^otlp$/,
  OTEL_METRICS_EXPORTER: /^prometheus$/,
  OTEL_LOGS_EXPORTER: /^(?:otlp|none)$/,
  OTEL_EXPORTER_OTLP_ENDPOINT: new RegExp(`^https?://${HOST}:(?:${PORT})/?$`),
  OTEL_EXPORTER_OTLP_PROTOCOL: /^grpc$/,
  OTEL_EXPORTER_PROMETHEUS_HOST: /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0)$/,
  OTEL_EXPORTER_PROMETHEUS_PORT: /^(?:0|[1-9]\d{0,3}|[1-5]\d{4})$/,
}

/** The variables of the settings that have none of our prefixes. */
const OTHERS: readonly string[] = ['METRICS_ENABLED']
/** The proxy variables are read for the connection to a collector. */
const PROXY = /_proxy$/i

type PlainInput = Pick<SettingsInput, 'env' | 'cwd' | 'readOwnFile'>

/**
 * Returns the log level if it is certain that no problem of the settings has to be logged, and that everything a start
 * needs before the first use of telemetry has its default. Returns undefined if the settings have to be read.
 * `SSL_CERT_FILE` and the like only matter to a connection.
 */
export function plainLogLevel(input: PlainInput): LogLevel | undefined {
  const { env } = input
  for (const name in env) {
    const isOurs = name.startsWith('OTEL_') || name.startsWith('OBS_') || OTHERS.includes(name)
    if (isOurs ? PLAIN[name]?.test(env[name] ?? '') !== true : PROXY.test(name)) return undefined
  }
  return mayHaveDotEnv(input) ? undefined : ((env['OTEL_LOG_LEVEL'] ?? 'info') as LogLevel)
}

function mayHaveDotEnv({ cwd, readOwnFile }: PlainInput): boolean {
  try {
    return MAY_NAME_OURS.test(readOwnFile(join(cwd, '.env')) ?? '')
  } catch {
    // The reason is logged when the settings are read.
    return true
  }
}
