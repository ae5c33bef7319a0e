import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import { serverAddress } from '../../../src/instrumentation/http/addresses.ts'
import { Destination } from '../../../src/instrumentation/http/client-destinations.ts'
import { http2TargetOf } from '../../../src/instrumentation/http/client-http2-headers.ts'
import { type Target, targetOf } from '../../../src/instrumentation/http/client-target.ts'
import type { Method } from '../../../src/instrumentation/http/methods.ts'
import { requestTargetAttributes, requestTargetOf } from '../../../src/instrumentation/http/request-target.ts'
import { operationAttributes } from '../../../src/instrumentation/operations/attributes.ts'
import { AttributeRules } from '../../../src/privacy/attribute-rules.ts'

const GET = { attribute: 'GET', original: undefined, name: 'GET' } as unknown as Method

/** What is exported of the attributes of a span. */
function exported(attributes: Attributes): Record<string, unknown> {
  new AttributeRules(new Set()).apply(attributes, () => true, false)
  return attributes
}

function exportedOf(target: Target): Record<string, unknown> {
  const destination = new Destination(GET, target, false)
  const { metric } = destination.ending({ status: 200, protocolVersion: '1.1', errorType: undefined })
  assert.doesNotMatch(JSON.stringify(metric), /PW/, 'the metric')
  return exported({ ...destination.shared.attributes, 'url.full': target.url })
}

const PATHS = [
  'HTTP://usr:PW@127.0.0.1:8080/',
  'http:usr:PW@h/',
  'http:/usr:PW@h/',
  'http:///usr:PW@h/',
  String.raw`http:\\usr:PW@h/`,
  '//usr:PW@h/',
  '/http://usr:PW@h/',
  'ftp://usr:PW@h/x',
  'http://u@b:PW@h/',
  'http://u:a/PW@h/',
  'http://u:PW#z@h/',
  'http://u:PW?z@h/',
  'http://u:PW@x@h/',
  'http://usr:PW@127.0.0.1:99999999/',
  'u:PW@h:443',
]

for (const path of PATHS) {
  test(`no password leaves with a client request whose target is ${path}`, () => {
    for (const method of ['GET', 'CONNECT']) {
      const target = targetOf({ scheme: 'http', host: '127.0.0.1', port: 80 }, method, path)
      assert.doesNotMatch(JSON.stringify(exportedOf(target)), /PW/, method)
    }
  })

  test(`no password leaves with a served request whose target is ${path}`, () => {
    assert.doesNotMatch(JSON.stringify(exported(requestTargetAttributes(requestTargetOf(path)))), /PW/)
  })
}

test('an absolute URL is recognised in any case', () => {
  const target = targetOf({ scheme: 'http', host: 'proxy', port: 80 }, 'GET', 'HTTPS://usr:PW@Shop.test/a')
  assert.deepEqual(target, { scheme: 'https', address: 'Shop.test', port: 443, url: 'https://Shop.test/a' })
})

const HOSTS: readonly (readonly [given: string, address: string | undefined])[] = [
  ['shop.test', 'shop.test'],
  ['shop_1.test', 'shop_1.test'],
  ['bücher.example', 'bücher.example'],
  ['127.0.0.1', '127.0.0.1'],
  ['u:PW@h', 'h'],
  ['u:PW?z@h', 'h'],
  ['PW@h', 'h'],
  ['h?PW', undefined],
  ['h/PW', undefined],
  ['h#PW', undefined],
  ['h PW', undefined],
  ['h:PW', undefined],
  ['u:PW@', undefined],
]

for (const [given, address] of HOSTS) {
  test(`the host in ${JSON.stringify(given)} is ${address}`, () => {
    for (const headers of [
      { host: given },
      { 'x-forwarded-host': given },
      { forwarded: `for=1.1.1.1;host="${given}"` },
    ])
      assert.equal(serverAddress(headers, 'http')?.host, address, JSON.stringify(headers))
    const target = targetOf({ scheme: 'http', host: given, port: 80 }, 'GET', '/')
    assert.equal(exportedOf(target)['server.address'], address)
    assert.equal(exportedOf(http2TargetOf({}, { ':authority': given, ':path': '/' }, 'GET'))['server.address'], address)
  })
}

test('ports, brackets and lists of proxies', () => {
  for (const [headers, host, port] of [
    [{ host: '[::1]:81' }, '[::1]', 81],
    [{ host: 'shop.test:' }, 'shop.test', 80],
    [{ 'x-forwarded-host': 'shop.test:81, proxy.test' }, 'shop.test', 81],
    [{ 'x-forwarded-host': 'u:PW@shop.test:81' }, 'shop.test', 81],
    [{ forwarded: 'host="[2001:db8::1]:82";proto=https' }, '[2001:db8::1]', 82],
  ] as const)
    assert.deepEqual(serverAddress(headers, 'http'), { host, port })
})

test('the address of any client has no credentials, and the path of a socket is kept', () => {
  for (const [given, address] of [
    ['usr:PW@db.test', 'db.test'],
    ['/run/pg@15/.s', '/run/pg@15/.s'],
    [String.raw`\\.\pipe\a@b`, String.raw`\\.\pipe\a@b`],
  ] as const) {
    assert.equal(operationAttributes({ system: 'mysql', address: given })['server.address'], address)
    for (const name of ['server.address', 'net.peer.name']) assert.equal(exported({ [name]: given })[name], address)
  }
  const socket: Target = { scheme: 'http', address: '/run/a@b', port: undefined, url: 'http://localhost/' }
  assert.equal(exportedOf(socket)['server.address'], '/run/a@b')
})
