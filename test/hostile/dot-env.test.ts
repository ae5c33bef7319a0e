import assert from 'node:assert/strict'
import { chmodSync, chownSync, lchownSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { readOwnFile } from '../../src/base/environment.ts'
import { readSettings } from '../../src/settings/read.ts'
import { runNode } from '../support/run-node.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { inputOf, messagesOf, settingsOf } from '../support/settings-of.ts'

const inDotEnv = (text: string): Readonly<Record<string, string>> => ({ '/app/.env': text })
const EVIL = 'http://evil.example:4318'
const SECRET = 'authorization=Bearer s3cret'

const LEFT_OUT: readonly string[] = [
  'OBS_INSTRUMENTATIONS=./evil.cjs',
  'OTEL_CONFIG_FILE=./evil.yaml',
  'OTEL_EXPERIMENTAL_CONFIG_FILE=./evil.yaml',
  'OTEL_EXPORTER_OTLP_CERTIFICATE=./evil.pem',
  'OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY=/etc/shadow',
  'OBS_ENV_FILE=./evil.env',
]

for (const line of LEFT_OUT) {
  const [name = ''] = line.split('=')
  test(`.env names no code and no files: ${line}`, () => {
    const plain = settingsOf({})
    const found = settingsOf({}, inDotEnv(line))
    assert.deepEqual({ ...found, problems: [] }, { ...plain, problems: [] })
    const [message = '', ...others] = found.problems.map((problem) => problem.message)
    assert.match(message, new RegExp(`^${name} in \\.env is ignored, since it names .*OBS_ENV_FILE=\\.env`))
    assert.deepEqual(others, [])
    if (name !== 'OBS_ENV_FILE')
      assert.equal(settingsOf({ OBS_ENV_FILE: '.env' }, inDotEnv(line)).sources[name], '.env', 'trusted')
  })
}

/** The environment protects the side port with one of these; the other is in `.env`. */
const SECOND_WAYS: readonly (readonly [environment: Record<string, string>, dotEnv: string])[] = [
  [
    { OBS_SIDE_PORT_TOKEN: 'real' },
    'OBS_SIDE_PORT_USER=eve\nOBS_SIDE_PORT_PASSWORD_HASH=$2b$10$abcdefghijklmnopqrstuv',
  ],
  [{ OBS_SIDE_PORT_USER: 'ann', OBS_SIDE_PORT_PASSWORD_HASH: '$2b$10$abc' }, 'OBS_SIDE_PORT_TOKEN=eve'],
  [{ OBS_SIDE_PORT_TOKEN: 'real' }, 'OBS_SIDE_PORT_TLS_KEY=/etc/shadow\nOBS_SIDE_PORT_TLS_CERT=/etc/shadow'],
]

for (const [env, dotEnv] of SECOND_WAYS) {
  test(`.env adds no way into a side port that the environment protects: ${dotEnv.split('=')[0]}`, () => {
    const found = settingsOf(env, inDotEnv(dotEnv))
    assert.deepEqual(found.sidePort, settingsOf(env).sidePort)
    const ignored = messagesOf(env, inDotEnv(dotEnv)).filter((line) =>
      /in \.env is ignored, since the environment/.test(line),
    )
    assert.equal(ignored.length, dotEnv.split('\n').length)
  })
}

test('.env may protect a side port that the environment does not', () => {
  const certificate = { OBS_SIDE_PORT_TLS_CERT: '/tls/cert.pem', OBS_SIDE_PORT_TLS_KEY: '/tls/key.pem' }
  // As `OBS_SIDE_PORT_TOKEN=${TOKEN}` of a compose file is, where there is no TOKEN.
  const empty = { OBS_SIDE_PORT_TOKEN: '', OBS_SIDE_PORT_USER: ' ', OBS_SIDE_PORT_TLS_CLIENT_CA: '' }
  for (const env of [{}, certificate, empty, { ...certificate, ...empty }]) {
    const { sidePort, problems } = settingsOf(env, inDotEnv('OBS_SIDE_PORT_TOKEN=mine'))
    assert.equal(sidePort.bearerToken, 'mine')
    assert.deepEqual([sidePort.blockedBy, problems], [undefined, []])
  }
})

const HEADERS: readonly (readonly [label: string, env: Record<string, string>, dotEnv: string, sent: boolean])[] = [
  ['a remote endpoint of .env', { OTEL_EXPORTER_OTLP_HEADERS: SECRET }, `OTEL_EXPORTER_OTLP_ENDPOINT=${EVIL}`, false],
  [
    "a remote endpoint of .env for one signal, that signal's headers",
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://good.example', OTEL_EXPORTER_OTLP_TRACES_HEADERS: SECRET },
    `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${EVIL}`,
    false,
  ],
  [
    'an endpoint of .env on this machine',
    { OTEL_EXPORTER_OTLP_HEADERS: SECRET },
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1',
    true,
  ],
  [
    'a name that looks like this machine',
    { OTEL_EXPORTER_OTLP_HEADERS: SECRET },
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost.evil.example',
    false,
  ],
  ['headers of .env itself', {}, `OTEL_EXPORTER_OTLP_ENDPOINT=${EVIL}\nOTEL_EXPORTER_OTLP_HEADERS=${SECRET}`, true],
  [
    'a named file',
    { OBS_ENV_FILE: '.env', OTEL_EXPORTER_OTLP_HEADERS: SECRET },
    `OTEL_EXPORTER_OTLP_ENDPOINT=${EVIL}`,
    true,
  ],
]

for (const [label, env, dotEnv, sent] of HEADERS) {
  test(`headers of the environment and ${label}: ${sent ? 'sent' : 'not sent, and reported'}`, () => {
    const all = { OTEL_TRACES_EXPORTER: 'otlp', ...env }
    assert.equal('authorization' in settingsOf(all, inDotEnv(dotEnv)).traces.otlp.headers, sent)
    assert.equal(
      messagesOf(all, inDotEnv(dotEnv)).some((line) => line.includes('of the environment')),
      !sent,
    )
  })
}

test('.env does not turn off the encryption of an endpoint of the environment', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'good.example:4317', OTEL_EXPORTER_OTLP_HEADERS: SECRET }
  const { traces } = settingsOf(env, inDotEnv('OTEL_EXPORTER_OTLP_INSECURE=true'))
  assert.equal(traces.otlp.endpoint, 'https://good.example:4317')
})

test('.env does not have HTTP in place of gRPC make an endpoint of the environment plain', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'good.example:4317', OTEL_EXPORTER_OTLP_HEADERS: SECRET }
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
    const { traces, problems } = settingsOf(env, inDotEnv(`${name}=http/protobuf`))
    assert.equal(traces.otlp.endpoint, 'https://good.example:4317')
    assert.match(problems.map(({ message }) => message).join(), new RegExp(`(?:^|,)${name} in \\.env is ignored`))
  }
  const withScheme = { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: 'https://good.example:4318' }
  const { traces } = settingsOf(withScheme, inDotEnv('OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf'))
  assert.equal(traces.otlp.endpoint, 'https://good.example:4318/v1/traces')
})

const PROXIED: readonly (readonly [
  label: string,
  env: Record<string, string>,
  dotEnv: string,
  proxy: string | undefined,
])[] = [
  ['of .env', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://good.example' }, 'grpc_proxy=http://evil.example', undefined],
  [
    'of .env beside one of the environment',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://good.example', http_proxy: 'http://own.example' },
    'grpc_proxy=http://evil.example\nhttps_proxy=http://evil.example',
    'own.example',
  ],
  [
    'of .env on this machine',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://good.example' },
    'http_proxy=http://127.0.0.1:3128',
    '127.0.0.1',
  ],
  ['and endpoint of .env', {}, `http_proxy=http://evil.example\nOTEL_EXPORTER_OTLP_ENDPOINT=${EVIL}`, 'evil.example'],
  [
    'of a named file',
    { OBS_ENV_FILE: '.env', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://good.example' },
    'http_proxy=http://evil.example',
    'evil.example',
  ],
]

for (const [label, env, dotEnv, proxy] of PROXIED) {
  test(`a proxy ${label}: ${proxy ?? 'none, and reported'}`, () => {
    const all = { OTEL_TRACES_EXPORTER: 'otlp', ...env }
    // Some name OTEL_ or OBS_, without which the file is the app's alone.
    const { traces, problems } = settingsOf(all, inDotEnv(`${dotEnv}\nOTEL_SERVICE_NAME=a`))
    assert.equal(traces.otlp.proxy?.host, proxy)
    const isReported = problems.some(({ message }) => message.includes('the endpoint is not from the same file'))
    assert.equal(isReported, dotEnv.includes('evil') && proxy !== 'evil.example')
  })
}

test('any .env results in settings', () => {
  const unit = fc.constantFrom(...'OTEL_BSP=\n"\'`#$\\{} \t\0', 'OBS_INSTRUMENTATIONS=', 'OTEL_EXPORTER_OTLP_HEADERS=')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) =>
      assert.ok(Object.isFrozen(settingsOf({}, inDotEnv(text)))),
    ),
  )
})

const isRoot = process.getuid?.() === 0

test(
  'a file of another user, or that others may write, is not read',
  { skip: !isRoot && 'needs root to give files away' },
  (t) => {
    const folder = temporaryFolder(t, 'dot-env')
    const path = join(folder, '.env')
    writeFileSync(path, 'A=1')
    for (const [uid, gid, mode, refused] of [
      [0, 0, 0o644, undefined],
      [0, 0, 0o664, undefined],
      [0, 1, 0o664, /other users may write it \(mode 664\)/],
      [0, 0, 0o666, /other users may write it \(mode 666\)/],
      [12345, 12345, 0o644, /belongs to another user \(uid 12345/],
    ] as const) {
      chownSync(path, uid, gid)
      chmodSync(path, mode)
      if (refused === undefined) assert.equal(readOwnFile(path), 'A=1')
      else assert.throws(() => readOwnFile(path), refused)
    }
    chownSync(path, 0, 0)
    chmodSync(path, 0o644)
    const link = join(folder, 'link')
    symlinkSync(path, link)
    assert.equal(readOwnFile(link), 'A=1')
    chownSync(path, 12345, 12345)
    assert.throws(() => readOwnFile(link), /another user/, 'what the link leads to')
    chownSync(path, 0, 0)
    lchownSync(link, 12345, 12345)
    assert.throws(() => readOwnFile(link), /another user/)
    assert.equal(readOwnFile(join(folder, 'none')), undefined)
    assert.equal(readOwnFile(folder), undefined)
  },
)

function refuses(): never {
  throw new Error('it belongs to another user')
}

test('an untrusted .env is reported in one line, and a named one is read whoever owns it', () => {
  const files = inDotEnv('OTEL_SERVICE_NAME=theirs')
  const found = readSettings(inputOf({}, files, { readOwnFile: refuses }))
  assert.equal(found.resource.serviceName, undefined)
  assert.deepEqual(
    found.problems.map(({ message }) => message),
    ['.env in the working directory is ignored: it belongs to another user'],
  )
  const named = readSettings(inputOf({ OBS_ENV_FILE: '.env' }, files, { readOwnFile: refuses }))
  assert.equal(named.resource.serviceName, 'theirs')
})

test('an app in a shared folder: code of its .env does not run, credentials of the environment do not leave', async (t) => {
  const folder = temporaryFolder(t, 'dot-env')
  const receiver = await OtlpReceiver.start(t)
  writeFileSync(join(folder, 'evil.cjs'), 'console.log("EVIL")')
  writeFileSync(
    join(folder, 'config.yaml'),
    `file_format: "1.0"\nresource:\n  attributes:\n    - { name: a, value: "\${SECRET}" }\n`,
  )
  writeFileSync(
    join(folder, '.env'),
    [
      'OBS_INSTRUMENTATIONS=./evil.cjs',
      'OTEL_CONFIG_FILE=config.yaml',
      `OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.grpcUrl}`,
    ].join('\n'),
  )
  const env = { SECRET: 's3cret', OTEL_METRICS_EXPORTER: 'none' }
  const { stdout, stderr, code } = await runNode(t, { app: 'use-end.mjs', args: ['natural'], cwd: folder, env })
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stdout, /EVIL/)
  assert.doesNotMatch(
    JSON.stringify(receiver.requests.map(({ headers }) => headers)) + receiver.spans.map(({ name }) => name).join(),
    /s3cret/,
  )
  assert.match(stderr, /OBS_INSTRUMENTATIONS in \.env is ignored/)
  assert.match(stderr, /OTEL_CONFIG_FILE in \.env is ignored/)
})
