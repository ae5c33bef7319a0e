import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type ClientRequest, type RequestOptions } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { after, before, test } from 'node:test'
import { askCloud } from '../../../src/providers/cloud-detectors.ts'
import type { CloudDetector } from '../../../src/settings/settings.ts'

/** What the metadata services answer, by the address that is asked. */
const ANSWERS: Readonly<Record<string, string>> = {
  '169.254.169.254/latest/api/token': 'token',
  '169.254.169.254/latest/dynamic/instance-identity/document': JSON.stringify({
    accountId: '123456789012',
    instanceId: 'i-1',
    instanceType: 't3.small',
    region: 'eu-west-1',
    availabilityZone: 'eu-west-1a',
  }),
  '169.254.169.254/latest/meta-data/hostname': 'ip-10-0-0-1',
  '169.254.169.254/metadata/instance/compute': JSON.stringify({
    vmId: 'vm-1',
    vmSize: 'Standard_B1s',
    location: 'westeurope',
  }),
  '100.100.100.200/latest/dynamic/instance-identity/document': JSON.stringify({
    'owner-account-id': '1',
    'instance-id': 'i-2',
    'instance-type': 'ecs.t6',
    'region-id': 'cn-hangzhou',
    'zone-id': 'cn-hangzhou-i',
  }),
  '100.100.100.200/latest/meta-data/hostname': 'host-2',
}

const { request } = http
const server = http.createServer(({ url = '', headers }, response) => {
  const answer = ANSWERS[`${String(headers['x-asked'])}${url.split('?')[0]}`]
  response.writeHead(answer === undefined ? 404 : 200).end(answer)
})

/** Their addresses are fixed: what goes to them is sent to the server here. */
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const redirected = (options: RequestOptions, ...rest: []): ClientRequest =>
    request(
      { ...options, host: '127.0.0.1', port, headers: { ...options.headers, 'x-asked': String(options.host) } },
      ...rest,
    )
  Object.assign(http, { request: redirected })
  syncBuiltinESMExports()
})

after(() => {
  Object.assign(http, { request })
  syncBuiltinESMExports()
  server.close()
  server.closeAllConnections()
})

const EXPECTED: readonly (readonly [CloudDetector, Readonly<Record<string, string>>])[] = [
  ['aws', { 'cloud.provider': 'aws', 'cloud.region': 'eu-west-1', 'host.id': 'i-1', 'host.name': 'ip-10-0-0-1' }],
  ['azure', { 'cloud.provider': 'azure', 'cloud.region': 'westeurope', 'host.id': 'vm-1' }],
  ['alibaba', { 'cloud.provider': 'alibaba_cloud', 'cloud.region': 'cn-hangzhou', 'host.id': 'i-2' }],
]

for (const [name, expected] of EXPECTED) {
  test(`${name} is queried, and a missing response has no effect`, async () => {
    const found: Record<string, unknown> = {}
    await askCloud(name, (attributes) => Object.assign(found, attributes))
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]])), expected)
  })
}
