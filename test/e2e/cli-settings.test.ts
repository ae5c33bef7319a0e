import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface State {
  readonly name: string
  readonly value: string
  readonly source: string
  readonly isSet: boolean
}

const ENV = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:pass-word@collector:4317',
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs:4318/?key=very-secret',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer very-secret',
  OTEL_TRACES_SAMPLER: 'traceidratio',
  OTEL_BSP_MAX_QUEUE_SIZE: 'many',
}

test('each variable with its value and source; secrets are hidden, invalid values are reported on stderr and by the exit code', async (t) => {
  const folder = temporaryFolder(t, 'settings')
  writeFileSync(join(folder, 'package.json'), '{"name":"shop"}')
  writeFileSync(
    join(folder, '.env'),
    'OTEL_PROPAGATORS=b3\nOTEL_TRACES_SAMPLER=always_off\nSECRET=hush\nOBS_INSTRUMENTATION_PG_REQUIRE_PARENT_SPAN=true\n',
  )
  const json = await startCli(t, ['settings', '--json'], { cwd: folder, env: ENV }).exited
  const { settings } = JSON.parse(json.stdout) as { settings: State[] }
  const state = (wanted: string): unknown[] => {
    const found = settings.find(({ name }) => name === wanted)
    return [found?.value, found?.source, found?.isSet]
  }
  assert.deepEqual(state('OTEL_TRACES_SAMPLER'), ['traceidratio', 'environment', true])
  assert.deepEqual(state('OTEL_PROPAGATORS'), ['b3', '.env', true])
  assert.deepEqual(state('OTEL_SERVICE_NAME'), ['shop', 'package.json', false])
  assert.deepEqual(state('OTEL_EXPORTER_OTLP_HEADERS'), ['(hidden)', 'environment', true])
  assert.deepEqual(state('OTEL_EXPORTER_OTLP_ENDPOINT'), ['https://***@collector:4317', 'environment', true])
  assert.deepEqual(state('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'), [
    'https://collector:4317',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    false,
  ])
  assert.deepEqual(state('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'), ['http://logs:4318/?***', 'environment', true])
  assert.deepEqual(state('OTEL_BSP_MAX_QUEUE_SIZE'), ['2048', 'default', true])
  assert.deepEqual(state('OTEL_EXPORTER_OTLP_TRACES_HEADERS'), ['(hidden)', 'OTEL_EXPORTER_OTLP_HEADERS', false])
  assert.deepEqual(state('OBS_INSTRUMENTATION_PG_REQUIRE_PARENT_SPAN'), ['true', '.env', true])
  assert.equal(json.code, 1)
  assert.match(json.stderr, /^paxx-obs: OTEL_BSP_MAX_QUEUE_SIZE="many"/)
  assert.doesNotMatch(json.stdout + json.stderr, /very-secret|pass-word|hush/)

  const set = await startCli(t, ['settings', '--set'], {
    cwd: folder,
    env: { ...ENV, OTEL_BSP_MAX_QUEUE_SIZE: undefined },
  }).exited
  assert.deepEqual([set.code, set.stderr], [0, ''])
  assert.match(set.stdout, /^ {2}OTEL_PROPAGATORS=b3 +\.env$/m)
  assert.doesNotMatch(set.stdout, /OTEL_SERVICE_NAME|very-secret|pass-word/)
  assert.ok(!set.stdout.includes('\u001B'))
})

test('the whole table fits 80 columns', async (t) => {
  const { code, stdout } = await startCli(t, ['settings'], { cwd: temporaryFolder(t, 'settings') }).exited
  assert.equal(code, 0)
  const long = stdout.split('\n').filter((line) => line.length > 80)
  assert.deepEqual(long, [])
  assert.match(stdout, /^ {2}OTEL_EXPORTER_PROMETHEUS_PORT=9464 +default$/m)
})

test('switched off: reported, with the values as they are set', async (t) => {
  const env = { METRICS_ENABLED: 'false', OTEL_PROPAGATORS: 'b3' }
  const { stdout, code } = await startCli(t, ['settings', '--set'], { cwd: temporaryFolder(t, 'settings'), env }).exited
  assert.equal(code, 0)
  assert.match(stdout, /^Switched off by METRICS_ENABLED=false\.$/m)
  assert.match(stdout, /^ {2}OTEL_PROPAGATORS=b3 +environment$/m)
})
