import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createResource } from '../../../src/providers/resource.ts'
import { settingsOf } from '../../support/settings-of.ts'

const cases: readonly (readonly [detectors: string, there: readonly string[], missing: readonly string[]])[] = [
  ['none', ['service.name', 'a'], ['host.name', 'os.type', 'process.pid', 'service.instance.id', 'k8s.pod.name']],
  ['host', ['host.name', 'a'], ['os.type', 'process.pid']],
  ['os,process', ['os.type', 'process.pid'], ['host.name', 'service.instance.id', 'process.command_args']],
  ['service', ['service.instance.id'], ['host.name']],
  ['k8s', ['k8s.pod.name'], ['vcs.ref.head.revision']],
  ['all', ['host.name', 'os.type', 'process.pid', 'k8s.pod.name', 'vcs.ref.head.revision'], ['process.command_line']],
]

for (const [detectors, there, missing] of cases) {
  test(`detectors ${detectors}`, () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAME: 'shop-1', GITHUB_SHA: 'abcdef0' }
    const settings = settingsOf({
      ...env,
      OTEL_NODE_RESOURCE_DETECTORS: detectors,
      OTEL_RESOURCE_ATTRIBUTES: 'a=1',
    })
    const { attributes } = createResource(settings.resource)
    assert.deepEqual(
      there.filter((name) => attributes[name] === undefined),
      [],
    )
    assert.deepEqual(
      missing.filter((name) => attributes[name] !== undefined),
      [],
    )
  })
}

test('an attribute may have the name of a property that every object inherits', () => {
  const names = ['__proto__', 'constructor', 'toString']
  const { resource } = settingsOf({ OTEL_RESOURCE_ATTRIBUTES: names.map((name) => `${name}=x`).join(',') })
  const raw = createResource(resource).getRawAttributes()
  assert.deepEqual(
    names.filter((name) => raw.some(([key, value]) => key === name && value === 'x')),
    names,
  )
})
