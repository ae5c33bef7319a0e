import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '../../../src/settings/read.ts'
import { inputOf, messagesOf, settingsOf } from '../../support/settings-of.ts'

const PACKAGE = '/app/package.json'
const shop = JSON.stringify({ name: '@acme/shop', version: '1.2.3' })

interface Case {
  readonly title: string
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly mainScript?: string
  readonly links?: Readonly<Record<string, string>>
  readonly name: string | undefined
  readonly version: string | undefined
}

const cases: readonly Case[] = [
  { title: 'nothing known', name: undefined, version: undefined },
  { title: 'package.json of the working directory', files: { [PACKAGE]: shop }, name: '@acme/shop', version: '1.2.3' },
  {
    title: 'package.json nearest to the main script, past one without a name',
    mainScript: '/srv/shop/dist/main.js',
    files: { '/srv/shop/dist/package.json': '{"type":"module"}', '/srv/shop/package.json': shop },
    name: '@acme/shop',
    version: '1.2.3',
  },
  {
    title: 'the link of a script is followed',
    mainScript: '/usr/bin/shop',
    links: { '/usr/bin/shop': '/opt/shop/bin.js' },
    files: { '/opt/shop/package.json': shop },
    name: '@acme/shop',
    version: '1.2.3',
  },
  {
    title: 'a tool in node_modules runs the app of the working directory',
    mainScript: '/app/node_modules/next/dist/bin/next',
    files: { '/app/node_modules/next/package.json': '{"name":"next"}', [PACKAGE]: shop },
    name: '@acme/shop',
    version: '1.2.3',
  },
  {
    title: 'a script with no package above it',
    mainScript: '/tmp/x.js',
    files: { [PACKAGE]: shop },
    name: '@acme/shop',
    version: '1.2.3',
  },
  {
    title: 'package.json that is no JSON',
    files: { [PACKAGE]: '{', '/package.json': '\uFEFF{"name":"root"}' },
    name: 'root',
    version: undefined,
  },
  { title: 'package.json that is null', files: { [PACKAGE]: 'null' }, name: undefined, version: undefined },
  {
    title: 'OTEL_SERVICE_NAME before all',
    env: { OTEL_SERVICE_NAME: ' mine ', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' },
    files: { [PACKAGE]: shop },
    name: 'mine',
    version: '1.2.3',
  },
  {
    title: 'OTEL_RESOURCE_ATTRIBUTES before package.json',
    env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,service.version=9' },
    files: { [PACKAGE]: shop },
    name: 'other',
    version: '9',
  },
]

for (const { title, env = {}, files = {}, mainScript, links = {}, name, version } of cases) {
  test(`service: ${title}`, () => {
    const input = inputOf(env, files, { mainScript, realPath: (path) => links[path] ?? path })
    const { resource, problems } = readSettings(input)
    assert.deepEqual([resource.serviceName, resource.serviceVersion], [name, version])
    assert.deepEqual(problems, [])
  })
}

function denied(): never {
  throw Object.assign(new Error('EACCES: /app/.env'), { code: 'EACCES' })
}

test('files that cannot be read are ignored', () => {
  const settings = readSettings(inputOf({}, {}, { mainScript: '/a/b.js', readFile: denied, realPath: denied }))
  assert.equal(settings.resource.serviceName, undefined)
  assert.deepEqual(
    settings.problems.map(({ message }) => message),
    ['.env in the working directory is ignored: it cannot be read (EACCES)'],
  )
})

const attributes: readonly (readonly [text: string, read: Readonly<Record<string, string>>, lines: number])[] = [
  ['a=1,b=2', { a: '1', b: '2' }, 0],
  [' a = 1 ,', { a: '1' }, 0],
  ['a=x%2Cy%20z,b=c=d', { a: 'x,y z', b: 'c=d' }, 0],
  ['a="quoted"', { a: 'quoted' }, 0],
  ['a=1,bad,b=2', { a: '1', b: '2' }, 1],
  ['a=1,b=%zz,=3', { a: '1' }, 1],
  [`a=${'x'.repeat(1000)}`, { a: 'x'.repeat(1000) }, 0],
  ['service.name=s,service.version=1,a=1', { a: '1' }, 0],
]

for (const [text, read, lines] of attributes) {
  test(`OTEL_RESOURCE_ATTRIBUTES=${text.slice(0, 60)}`, () => {
    assert.deepEqual(settingsOf({ OTEL_RESOURCE_ATTRIBUTES: text }).resource.attributes, read)
    assert.equal(messagesOf({ OTEL_RESOURCE_ATTRIBUTES: text }).length, lines)
  })
}

const detectors: readonly (readonly [text: string, read: readonly string[]])[] = [
  ['none', []],
  ['HOST, os', ['host', 'os']],
  ['service,host', ['service', 'host']],
]

for (const [text, read] of detectors) {
  test(`OTEL_NODE_RESOURCE_DETECTORS=${text}`, () => {
    assert.deepEqual(settingsOf({ OTEL_NODE_RESOURCE_DETECTORS: text }).resource.detectors, read)
  })
}

test('OTEL_NODE_RESOURCE_DETECTORS=all includes the cloud detectors, which are off by default', () => {
  const { detectors: all, cloudDetectors } = settingsOf({ OTEL_NODE_RESOURCE_DETECTORS: 'all' }).resource
  for (const name of ['host', 'container', 'k8s', 'git']) assert.ok(all.includes(name), name)
  assert.ok(!all.includes('all') && !all.includes('none') && !all.includes('aws'))
  assert.deepEqual(cloudDetectors, ['aws', 'gcp', 'azure', 'alibaba'])
  const some = settingsOf({ OTEL_NODE_RESOURCE_DETECTORS: 'GCP,host' }).resource
  assert.deepEqual([some.detectors, some.cloudDetectors], [['host'], ['gcp']])
  assert.deepEqual(settingsOf({}).resource.cloudDetectors, [])
})
