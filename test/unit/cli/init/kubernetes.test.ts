import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { kubernetesPatch } from '../../../../src/cli/init/kubernetes.ts'

for (const [service, name] of [
  ['shop', 'shop'],
  ['@acme/shop_api', 'acme-shop-api'],
  ['Füße', 'f-e'],
  ['***', 'app'],
  [`${'a'.repeat(62)}--b`, 'a'.repeat(62)],
] as const) {
  test(`a Deployment for the service "${service}"`, () => {
    const patch = parse(kubernetesPatch(service)) as {
      metadata: { name: string }
      spec: { template: { spec: { containers: [{ env: { name: string; value?: string }[] }] } } }
    }
    assert.equal(patch.metadata.name, name)
    const [{ env }] = patch.spec.template.spec.containers
    assert.equal(env.find((variable) => variable.name === 'OTEL_SERVICE_NAME')?.value, service)
  })
}
