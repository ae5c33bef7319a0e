import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gitAttributes, kubernetesAttributes } from '../../../src/settings/deployment.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

const git: readonly (readonly [env: Record<string, string>, revision: string | undefined])[] = [
  [{}, undefined],
  [{ GITHUB_SHA: COMMIT.toUpperCase() }, COMMIT],
  [{ CI_COMMIT_SHA: ` ${COMMIT} ` }, COMMIT],
  [{ SOURCE_VERSION: 'refs/heads/main' }, undefined],
  [{ SOURCE_VERSION: 'refs/heads/main', HEROKU_SLUG_COMMIT: 'abcdef0' }, 'abcdef0'],
]

for (const [env, revision] of git) {
  test(`the commit of ${JSON.stringify(env)}`, () => {
    assert.deepEqual(gitAttributes(env), revision === undefined ? {} : { 'vcs.ref.head.revision': revision })
  })
}

test('names of the pod are taken inside a cluster only', () => {
  const env = { POD_NAME: 'shop-1', NODE_NAME: 'n1', K8S_NAMESPACE: 'prod', POD_UID: '' }
  assert.deepEqual(kubernetesAttributes(env), {})
  assert.deepEqual(kubernetesAttributes({ ...env, KUBERNETES_SERVICE_HOST: '10.0.0.1' }), {
    'k8s.pod.name': 'shop-1',
    'k8s.namespace.name': 'prod',
    'k8s.node.name': 'n1',
  })
})
