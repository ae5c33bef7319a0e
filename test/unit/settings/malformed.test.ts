import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownUrl } from '../../../src/base/shown-url.ts'
import { TABLE } from '../../../src/settings/table.ts'
import { malformedFor } from '../../support/malformed-values.ts'
import { settingsOf } from '../../support/settings-of.ts'

const cases = TABLE.flatMap((row) => malformedFor(row).map((value) => ({ row, value })))

test('each malformed value is reported in exactly one line with variable and value, and the default is used', () => {
  assert.ok(cases.length >= 300, `${cases.length} malformed values`)
  const untouched = settingsOf({})
  for (const { row, value } of cases) {
    const settings = settingsOf({ [row.name]: value })
    const label = `${row.name}=${value}`
    assert.equal(settings.problems.length, 1, `${label}: ${JSON.stringify(settings.problems)}`)
    const [problem] = settings.problems
    assert.equal(problem?.variable, row.name)
    assert.ok(problem.message.startsWith(row.name), problem.message)
    const shown = row.type === 'url' ? shownUrl(value.trim()) : value.trim()
    const isShown = problem.message.includes(JSON.stringify(shown))
    assert.equal(isShown, row.sensitive !== true, problem.message)
    assert.doesNotMatch(problem.message, /undefined|\[object|NaN|\n/)
    const { sources: _, problems: __, ...used } = settings
    const { sources: ___, problems: ____, ...defaults } = untouched
    if (!row.name.startsWith('OBS_SIDE_PORT')) assert.deepEqual(used, defaults, label)
    else assert.equal(used.sidePort.blockedBy, `${row.name} cannot be used`)
  }
})

const exact: readonly (readonly [env: Readonly<Record<string, string>>, message: string])[] = [
  [
    { OTEL_BSP_SCHEDULE_DELAY: 'abc' },
    'OTEL_BSP_SCHEDULE_DELAY="abc" is not a whole number of milliseconds (0 or more); using 5000',
  ],
  [
    { OTEL_EXPORTER_PROMETHEUS_PORT: '70000' },
    'OTEL_EXPORTER_PROMETHEUS_PORT="70000" is not a whole number (0 to 65535); using 9464',
  ],
  [
    { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: 'x', OTEL_EXPORTER_OTLP_TIMEOUT: '7' },
    'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="x" is not a whole number of milliseconds (0 or more); using 7',
  ],
  [
    { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '-1' },
    'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT="-1" is not a whole number (0 or more); using no limit',
  ],
  [
    { OTEL_TRACES_EXPORTER: 'otpl' },
    'OTEL_TRACES_EXPORTER="otpl" is not one of otlp, zipkin, console, none; using otlp',
  ],
  [
    { OTEL_TRACES_EXPORTER: 'otpl, Console' },
    'OTEL_TRACES_EXPORTER="otpl, Console" names "otpl", which is not one of otlp, zipkin, console, none; using console',
  ],
  [
    { OTEL_TRACES_EXPORTER: 'none,otlp' },
    'OTEL_TRACES_EXPORTER="none,otlp" names "none" beside others, which is ignored; using otlp',
  ],
  [{ OTEL_LOGS_EXPORTER: 'file' }, 'OTEL_LOGS_EXPORTER="file" is not one of otlp, console, none; using none'],
  [
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1.5' },
    'OTEL_TRACES_SAMPLER_ARG="1.5" is not a number from 0 to 1; using 1',
  ],
  [
    { OTEL_TRACES_SAMPLER: 'jaeger_remote', OTEL_TRACES_SAMPLER_ARG: 'endpoint=x,initialSamplingRate=2,color=red' },
    'OTEL_TRACES_SAMPLER_ARG="endpoint=x,initialSamplingRate=2,color=red" has an endpoint that is not an http:// or https:// URL; ' +
      'using http://localhost:14250; has an initialSamplingRate that is not a number from 0 to 1; using 0.001; ' +
      'has an entry that is none of endpoint=, pollingIntervalMs=, initialSamplingRate=, which is ignored',
  ],
  [
    { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200' },
    'OTEL_BSP_MAX_EXPORT_BATCH_SIZE="200" is more than OTEL_BSP_MAX_QUEUE_SIZE; using 100',
  ],
  [
    { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,x y=secret' },
    'OTEL_EXPORTER_OTLP_HEADERS: header "x…" has characters that a header name cannot have; it is ignored',
  ],
  [
    { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=sécret' },
    'OTEL_EXPORTER_OTLP_HEADERS: header "b" has characters that gRPC does not allow; it is ignored',
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://me:pw@host' },
    'OTEL_EXPORTER_OTLP_ENDPOINT="ftp://***@host" is not a gRPC endpoint ' +
      '(http://host:port, https://host:port, host:port, unix:/path); using http://localhost:4317',
  ],
  [
    { OTEL_EXPORTER_OTLP_CLIENT_KEY: 'k.pem' },
    'OTEL_EXPORTER_OTLP_CLIENT_KEY="k.pem" needs OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well; using none',
  ],
  [
    { OBS_TRACES_KEEP: 'errors', OBS_TRACES_SLOW_THRESHOLD: '100' },
    'OBS_TRACES_SLOW_THRESHOLD="100" has no effect without OBS_TRACES_KEEP=slow',
  ],
  [
    { OBS_SIDE_PORT_PASSWORD_HASH: 'hunter2', OBS_SIDE_PORT_USER: 'me' },
    'OBS_SIDE_PORT_PASSWORD_HASH is not a bcrypt hash ($2b$…); the side port stays closed',
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPIONT: 'x' },
    'OTEL_EXPORTER_OTLP_ENDPIONT is not a known setting and is ignored; did you mean OTEL_EXPORTER_OTLP_ENDPOINT?',
  ],
]

for (const [env, message] of exact) {
  test(`${JSON.stringify(env)} says: ${message}`, () => {
    assert.deepEqual(
      settingsOf(env).problems.map((problem) => problem.message),
      [message],
    )
  })
}

const quiet: readonly Readonly<Record<string, string>>[] = [
  { OTEL_TRACES_EXPORTER: '', OTEL_BSP_SCHEDULE_DELAY: '  ', OTEL_EXPORTER_OTLP_HEADERS: '' },
  { OTEL_TRACES_SAMPLER: 'Always_Off', OTEL_TRACES_SAMPLER_ARG: 'anything' },
  { OTEL_LOG_LEVEL: ' WARN ', OTEL_PROPAGATORS: 'B3, TraceContext', OTEL_METRICS_EXPORTER: 'OTLP,prometheus,' },
  { OTEL_BSP_MAX_QUEUE_SIZE: '100' },
  { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318' },
  { OTEL_PYTHON_LOG_CORRELATION: 'true', OBS_STUDIO_HOME: '/x', OTHER: 'x' },
  { OTEL_BSP_EXPORT_TIMEOUT: '0', OTEL_SPAN_EVENT_COUNT_LIMIT: '0', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  { OTEL_SDK_DISABLED: 'true', OTEL_BSP_SCHEDULE_DELAY: 'abc' },
]

for (const env of quiet) {
  test(`${JSON.stringify(env)} says nothing`, () => {
    assert.deepEqual(settingsOf(env).problems, [])
  })
}
