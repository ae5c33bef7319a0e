import { Problem } from '../../../src/base/problem.ts'
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { processInput, readTextFile, snapshotEnvironment } from '../../../src/base/environment.ts'
import { readSettings } from '../../../src/settings/read.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { inputOf, messagesOf, settingsOf } from '../../support/settings-of.ts'

const DOT_ENV = '/app/.env'

test('.env is read, and the environment wins, where an empty variable counts as unset', () => {
  const file = {
    [DOT_ENV]: 'OTEL_SERVICE_NAME=file\nOTEL_LOG_LEVEL="debug"\nexport OTEL_TRACES_EXPORTER=console # x\n',
  }
  assert.equal(settingsOf({}, file).resource.serviceName, 'file')
  assert.equal(settingsOf({}, file).logLevel, 'debug')
  assert.deepEqual(settingsOf({}, file).traces.exporters, ['console'])
  assert.equal(settingsOf({ OTEL_SERVICE_NAME: 'env' }, file).resource.serviceName, 'env')
  assert.equal(settingsOf({ OTEL_SERVICE_NAME: ' ' }, file).resource.serviceName, 'file')
})

test('a mistake in .env says where it is', () => {
  assert.deepEqual(messagesOf({}, { [DOT_ENV]: 'OTEL_BSP_SCHEDULE_DELAY=abc\nOTEL_LOGS_EXPORTR=otlp' }), [
    'OTEL_BSP_SCHEDULE_DELAY="abc" in .env is not a whole number of milliseconds (0 or more); using 5000',
    'OTEL_LOGS_EXPORTR is not a known setting and is ignored; did you mean OTEL_LOGS_EXPORTER?',
  ])
})

function broken(): never {
  throw new Error('broken')
}

test('a .env without our variables does not load the parser', () => {
  const file = { [DOT_ENV]: 'PORT=3000\nDATABASE_URL=x' }
  assert.deepEqual(readSettings(inputOf({}, file, { parseDotEnv: broken })).problems, [])
})

test('.env is ignored if its parser fails', () => {
  const file = { [DOT_ENV]: 'OTEL_LOG_LEVEL=warn' }
  const { problems } = readSettings(inputOf({}, file, { parseDotEnv: broken }))
  assert.deepEqual(problems, [{ variable: '.env', message: '.env in the working directory is ignored: broken' }])
})

const switches: readonly (readonly [env: Readonly<Record<string, string>>, file: string, off: string | undefined])[] = [
  [{}, '', undefined],
  [{ OTEL_SDK_DISABLED: 'TRUE' }, '', 'OTEL_SDK_DISABLED=true'],
  [{ OTEL_SDK_DISABLED: '1' }, '', undefined],
  [{ METRICS_ENABLED: ' False ' }, '', 'METRICS_ENABLED=false'],
  [{ METRICS_ENABLED: '0' }, '', 'METRICS_ENABLED=false'],
  [{ METRICS_ENABLED: 'off' }, '', 'METRICS_ENABLED=false'],
  [{ METRICS_ENABLED: 'fasle' }, '', undefined],
  [{}, 'METRICS_ENABLED=false', 'METRICS_ENABLED=false'],
  [{}, 'OTEL_SDK_DISABLED=true', 'OTEL_SDK_DISABLED=true'],
  [{ METRICS_ENABLED: 'true' }, 'METRICS_ENABLED=false', undefined],
  [{ METRICS_ENABLED: '' }, 'METRICS_ENABLED=false', 'METRICS_ENABLED=false'],
]

for (const [env, file, off] of switches) {
  test(`switches: ${JSON.stringify(env)} with .env ${JSON.stringify(file)}`, () => {
    const settings = settingsOf(env, file === '' ? {} : { [DOT_ENV]: file })
    assert.equal(settings.disabledBy, off)
  })
}

const looks: readonly (readonly [env: Readonly<Record<string, string>>, looked: readonly string[]])[] = [
  [{ METRICS_ENABLED: 'false' }, []],
  [{ OTEL_SDK_DISABLED: 'true' }, []],
  [{}, [DOT_ENV]],
]

for (const [env, expected] of looks) {
  test(`files looked at when .env switches off and the environment has ${JSON.stringify(env)}`, () => {
    const looked: string[] = []
    const readFile = (path: string) => {
      looked.push(path)
      return path === DOT_ENV ? 'OTEL_SDK_DISABLED=true' : undefined
    }
    assert.notEqual(readSettings(inputOf(env, {}, { readFile })).disabledBy, undefined)
    assert.deepEqual(looked, expected)
  })
}

test('files: missing, directory, too big, not text, not readable', (context) => {
  const folder = temporaryFolder(context, 'settings')
  const at = (name: string) => join(folder, name)
  mkdirSync(at('directory'))
  writeFileSync(at('big'), 'OTEL_LOG_LEVEL=warn\n'.repeat(600_000))
  writeFileSync(at('binary'), 'OTEL_\0')
  writeFileSync(at('text'), 'x')
  assert.equal(readTextFile(at('missing')), undefined)
  assert.equal(readTextFile(at('text/below')), undefined)
  assert.equal(readTextFile(at('directory')), undefined)
  assert.equal(readTextFile(at('text')), 'x')
  assert.throws(() => readTextFile(at('big')), /larger than 1 MiB/)
  assert.throws(() => readTextFile(at('binary')), /not a text file/)
  chmodSync(at('text'), 0)
  if (process.getuid?.() !== 0) assert.throws(() => readTextFile(at('text')), { code: 'EACCES' })
})

test('this process: the snapshot is a copy without a prototype, and the real environment is not changed', () => {
  const before = JSON.stringify(process.env)
  const snapshot = snapshotEnvironment()
  assert.equal(Object.getPrototypeOf(snapshot), null)
  assert.deepEqual({ ...snapshot }, { ...process.env })
  readSettings(
    processInput({
      parseDotEnv: () => () => ({ OTEL_SERVICE_NAME: 'x' }),
      readDeclared: () => () => new Problem('none'),
    }),
  )
  assert.equal(JSON.stringify(process.env), before)
})
