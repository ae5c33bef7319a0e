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

/** Where each of these documents the commit that it builds or runs. */
const SYSTEMS: Readonly<Record<string, string>> = {
  'GitHub Actions': 'GITHUB_SHA',
  'GitLab CI': 'CI_COMMIT_SHA',
  CircleCI: 'CIRCLE_SHA1',
  Jenkins: 'GIT_COMMIT',
  Buildkite: 'BUILDKITE_COMMIT',
  Bitbucket: 'BITBUCKET_COMMIT',
  'Azure Pipelines': 'BUILD_SOURCEVERSION',
  'AWS CodeBuild': 'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'AWS Amplify': 'AWS_COMMIT_ID',
  'Google Cloud Build': 'COMMIT_SHA',
  TeamCity: 'BUILD_VCS_NUMBER',
  Heroku: 'HEROKU_SLUG_COMMIT',
  Netlify: 'COMMIT_REF',
  Vercel: 'VERCEL_GIT_COMMIT_SHA',
  Render: 'RENDER_GIT_COMMIT',
  Railway: 'RAILWAY_GIT_COMMIT_SHA',
  Koyeb: 'KOYEB_GIT_SHA',
}

for (const [system, variable] of Object.entries(SYSTEMS)) {
  test(`the commit of ${system}`, () => {
    assert.deepEqual(gitAttributes({ [variable]: COMMIT }), { 'vcs.ref.head.revision': COMMIT })
  })
}

test('pod names are used inside a cluster only', () => {
  const env = { POD_NAME: 'shop-1', NODE_NAME: 'n1', K8S_NAMESPACE: 'prod', POD_UID: '' }
  assert.deepEqual(kubernetesAttributes(env), {})
  assert.deepEqual(kubernetesAttributes({ ...env, KUBERNETES_SERVICE_HOST: '10.0.0.1' }), {
    'k8s.pod.name': 'shop-1',
    'k8s.namespace.name': 'prod',
    'k8s.node.name': 'n1',
  })
})
