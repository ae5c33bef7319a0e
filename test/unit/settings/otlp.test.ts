import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messagesOf, settingsOf } from '../../support/settings-of.ts'

type Environment = Readonly<Record<string, string>>

const HTTP = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
const INSECURE = { OTEL_EXPORTER_OTLP_INSECURE: 'True' }

/** What is written, what is dialled for traces, and a word of the line about it where there is one. */
const endpoints: readonly (readonly [
  written: string,
  dialled: string,
  about?: RegExp | undefined,
  env?: Environment,
])[] = [
  ['http://collector:4317', 'http://collector:4317'],
  ['http://collector', 'http://collector:4317'],
  ['http://collector/', 'http://collector:4317'],
  ['http://collector:80', 'http://collector:80'],
  ['https://collector:443', 'https://collector:443'],
  ['https://api.example.com', 'https://api.example.com:443'],
  ['HTTP://Collector:4317', 'http://collector:4317'],
  ['https://collector:4317', 'https://collector:4317', undefined, INSECURE],
  ['http://[::1]:4317', 'http://[::1]:4317'],
  ['http://[::1]', 'http://[::1]:4317'],
  ['http://10.0.0.1:55680', 'http://10.0.0.1:55680'],
  ['http://user:p%40ss@collector:80', 'http://collector:80'],
  ['collector:4317', 'https://collector:4317', /no scheme.*http:\/\/collector:4317 for plain text/],
  ['collector:4317', 'http://collector:4317', undefined, INSECURE],
  ['collector:80', 'http://collector:80', undefined, INSECURE],
  ['collector', 'http://collector:4317', undefined, INSECURE],
  ['[::1]:4317', 'http://[::1]:4317', undefined, INSECURE],
  ['//collector:4317', 'http://collector:4317', undefined, INSECURE],
  ['dns:///collector:4317', 'http://collector:4317', undefined, INSECURE],
  ['dns:collector:4317', 'https://collector:4317'],
  ['dns://8.8.8.8/collector:4317', 'https://collector:4317'],
  ['ipv4:10.0.0.1:4317', 'https://10.0.0.1:4317'],
  ['ipv4:10.0.0.1:4317,10.0.0.2:4317', 'http://10.0.0.1:4317', undefined, INSECURE],
  ['ipv6:[2001:db8::1]:4317', 'http://[2001:db8::1]:4317', undefined, INSECURE],
  ['http://me:80@collector', 'http://collector:4317'],
  ['http://collector/a:80', 'http://collector:4317', /has a path/],
  ['unix:/run/otel.sock', 'unix:/run/otel.sock'],
  ['unix:///run/otel.sock', 'unix:/run/otel.sock'],
  ['unix:run/otel.sock', 'unix:run/otel.sock'],
  ['http://collector:4317/v1/traces', 'http://collector:4317', /has a path/],
  ['http://collector:4318', 'http://collector:4318', /usual port of OTLP over HTTP/],
  ['grpc://collector:4317', 'http://localhost:4317', /is not a gRPC endpoint/],
  ['http://a b', 'http://localhost:4317', /is not a gRPC endpoint/],
  ['unix-abstract:x', 'http://localhost:4317', /is not a gRPC endpoint/],
  ['http://collector:4318', 'http://collector:4318/v1/traces', undefined, HTTP],
  ['http://collector:4318/', 'http://collector:4318/v1/traces', undefined, HTTP],
  ['https://collector/otlp//', 'https://collector/otlp/v1/traces', undefined, HTTP],
  ['https://collector/otlp?key=a#x', 'https://collector/otlp/v1/traces?key=a', undefined, HTTP],
  ['http://[::1]:4318', 'http://[::1]:4318/v1/traces', undefined, HTTP],
  ['collector:4318', 'http://collector:4318/v1/traces', /has no scheme; using http:\/\/collector:4318\//, HTTP],
  ['http://collector:4317', 'http://collector:4317/v1/traces', /usual port of OTLP over gRPC/, HTTP],
  ['unix:/run/x', 'http://localhost:4318/v1/traces', /is not an http.*using http:\/\/localhost:4318$/, HTTP],
]

for (const [written, dialled, about, env] of endpoints) {
  test(`${written} ${JSON.stringify(env ?? {})} dials ${dialled}`, () => {
    const settings = settingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: written, ...env })
    assert.equal(settings.traces.otlp.endpoint, dialled)
    assert.equal(settings.problems.length, about === undefined ? 0 : 1, JSON.stringify(settings.problems))
    if (about !== undefined) assert.match(settings.problems[0]?.message ?? '', about)
  })
}

test("a signal's own endpoint is used as it is, the others keep the general one", () => {
  const { traces, metrics, logs } = settingsOf({
    ...HTTP,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://general:4318/base',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://own:9090/api/v1/otlp',
  })
  assert.equal(traces.otlp.endpoint, 'http://general:4318/base/v1/traces')
  assert.equal(metrics.otlp.endpoint, 'http://own:9090/api/v1/otlp')
  assert.equal(logs.otlp.endpoint, 'http://general:4318/base/v1/logs')
})

test('the general endpoint replaces an unusable one of a signal', () => {
  const settings = settingsOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://general:4317',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'ftp://x',
  })
  assert.equal(settings.traces.otlp.endpoint, 'http://general:4317')
  assert.match(settings.problems[0]?.message ?? '', /using http:\/\/general:4317$/)
})

test('user and password of the endpoint become basic authentication unless a header says otherwise', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:p%40ss@host' }
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
  assert.deepEqual(settingsOf(endpoint).traces.otlp.headers, { authorization: basic })
  const withHeader = settingsOf({ ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer x' })
  assert.deepEqual(withHeader.traces.otlp.headers, { authorization: 'Bearer x' })
})

const headers: readonly (readonly [written: string, read: Environment, problems?: number, env?: Environment])[] = [
  ['Authorization=Basic dXNlcjpwYXNzdw==', { authorization: 'Basic dXNlcjpwYXNzdw==' }],
  ['a=1, B = 2 ,', { a: '1', b: '2' }],
  ['a=x%20y%3D%2C', { a: 'x y=,' }],
  ['a=100%', { a: '100%' }],
  ['a=b+c/d', { a: 'b+c/d' }],
  ['cookie=a=b;c=d', { cookie: 'a=b;c=d' }],
  ['a=1,a=2', { a: '2' }],
  ['a=1,bad', { a: '1' }, 1],
  ['a=1,b=', { a: '1' }, 1],
  ['a=1,b=%0d%0ax', { a: '1' }, 1],
  ['a=1,b=%E2%82%AC', { a: '1' }, 1],
  ['a=1,x-bin=AAAA', { a: '1' }, 1],
  ['a=1,grpc-timeout=1S', { a: '1' }, 1],
  ['a=1,x!y=2', { a: '1' }, 1],
  ['a=1,x!y=2,z=é', { a: '1', 'x!y': '2', z: 'é' }, 0, HTTP],
  ['a=1,Content-Type=text/plain', { a: '1' }, 1],
  ['a=1,Upgrade=h2c', { a: '1' }, 1],
  [
    '__proto__=x,a=1',
    Object.fromEntries([
      ['__proto__', 'x'],
      ['a', '1'],
    ]),
  ],
]

for (const [written, read, problems, env] of headers) {
  test(`headers ${written} ${JSON.stringify(env ?? {})}`, () => {
    const settings = settingsOf({ OTEL_EXPORTER_OTLP_HEADERS: written, ...env })
    assert.deepEqual(settings.traces.otlp.headers, read)
    assert.equal(settings.problems.length, problems ?? 0, JSON.stringify(settings.problems))
  })
}

test("a signal's headers are added to the general ones", () => {
  const { traces, logs } = settingsOf({
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3,c=4',
  })
  assert.deepEqual(traces.otlp.headers, { a: '1', b: '3', c: '4' })
  assert.deepEqual(logs.otlp.headers, { a: '1', b: '2' })
})

test('the other options: general, per signal, case, files', () => {
  const { traces, metrics } = settingsOf({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'GRPC',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'None',
    OTEL_EXPORTER_OTLP_TIMEOUT: '0',
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '250',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: '/key.pem',
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/cert.pem',
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: '/other-ca.pem',
  })
  assert.equal(traces.otlp.protocol, 'grpc')
  assert.equal(metrics.otlp.protocol, 'http/json')
  assert.equal(traces.otlp.compression, 'gzip')
  assert.equal(metrics.otlp.compression, 'none')
  assert.equal(traces.otlp.timeoutMs, 0)
  assert.equal(metrics.otlp.timeoutMs, 250)
  assert.equal(traces.otlp.certificateFile, '/ca.pem')
  assert.equal(metrics.otlp.certificateFile, '/other-ca.pem')
  assert.equal(metrics.otlp.clientKeyFile, '/key.pem')
  assert.equal(traces.otlp.clientCertificateFile, '/cert.pem')
})

test('INSECURE per signal, and by its obsolete names', () => {
  for (const name of ['TRACES_INSECURE', 'SPAN_INSECURE', 'INSECURE']) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'c:1', [`OTEL_EXPORTER_OTLP_${name}`]: 'TRUE' }
    assert.equal(settingsOf(env).traces.otlp.endpoint, 'http://c:1', name)
    assert.deepEqual(messagesOf(env), [])
  }
})

const BASIC = `Basic ${Buffer.from('me:p@ss').toString('base64')}`

/** What gRPC to an endpoint goes through: https://github.com/grpc/grpc/blob/master/doc/environment_variables.md */
const proxies: readonly (readonly [endpoint: string, env: Environment, through: string | undefined, about?: RegExp])[] =
  [
    ['http://collector:4317', { grpc_proxy: 'http://proxy:3128' }, 'proxy:3128 undefined'],
    ['https://collector:4317', { grpc_proxy: 'http://me:p%40ss@proxy' }, `proxy:80 ${BASIC}`],
    ['http://collector:4317', { grpc_proxy: 'http://[::2]:3128' }, '::2:3128 undefined'],
    ['http://collector:4317', { grpc_proxy: 'socks5://proxy' }, undefined, /grpc_proxy is not an http:\/\/ URL/],
    ['http://collector:4317', { grpc_proxy: 'proxy:3128' }, undefined, /grpc_proxy is not an http:\/\/ URL/],
    ['http://localhost:4317', { grpc_proxy: 'socks5://proxy' }, undefined],
    ['http://127.0.0.2:4317', { grpc_proxy: 'http://proxy' }, undefined],
    ['http://[::1]:4317', { grpc_proxy: 'http://proxy' }, undefined],
    ['unix:/run/otel.sock', { grpc_proxy: 'http://proxy' }, undefined],
    ['http://c.example.com', { grpc_proxy: 'http://proxy', no_proxy: 'x, example.com' }, undefined],
    ['http://c.example.com', { grpc_proxy: 'http://proxy', no_proxy: '.Example.com' }, undefined],
    ['http://counterexample.com', { grpc_proxy: 'http://proxy', no_proxy: 'example.com' }, 'proxy:80 undefined'],
    ['http://10.1.2.3:4317', { grpc_proxy: 'http://proxy', no_proxy: '10.1.0.0/16' }, undefined],
    ['http://10.2.2.3:4317', { grpc_proxy: 'http://proxy', no_proxy: '10.1.0.0/16,10.2.0.0/x' }, 'proxy:80 undefined'],
  ]

for (const [endpoint, env, through, about] of proxies) {
  test(`${endpoint} with ${JSON.stringify(env)} goes ${through === undefined ? 'there directly' : 'through it'}`, () => {
    const { traces, problems } = settingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env })
    const { proxy } = traces.otlp
    assert.equal(proxy && `${proxy.host}:${proxy.port} ${proxy.authorization}`, through)
    assert.equal(problems.length, about === undefined ? 0 : 1, JSON.stringify(problems))
    if (about !== undefined) assert.match(problems[0]?.message ?? '', about)
  })
}
