import type { Texts } from './values.ts'

type DeploymentAttributes = Readonly<Record<string, string>>

/** Variable names that manifests commonly use for the downward API, and those that the OpenTelemetry operator sets. */
const KUBERNETES: Readonly<Record<string, readonly string[]>> = {
  'k8s.pod.name': ['OTEL_RESOURCE_ATTRIBUTES_POD_NAME', 'K8S_POD_NAME', 'KUBERNETES_POD_NAME', 'POD_NAME'],
  'k8s.pod.uid': ['OTEL_RESOURCE_ATTRIBUTES_POD_UID', 'K8S_POD_UID', 'KUBERNETES_POD_UID', 'POD_UID'],
  'k8s.namespace.name': ['K8S_NAMESPACE_NAME', 'K8S_NAMESPACE', 'KUBERNETES_NAMESPACE', 'POD_NAMESPACE'],
  'k8s.node.name': ['OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', 'K8S_NODE_NAME', 'KUBERNETES_NODE_NAME', 'NODE_NAME'],
  'k8s.container.name': ['K8S_CONTAINER_NAME', 'KUBERNETES_CONTAINER_NAME', 'CONTAINER_NAME'],
  'k8s.deployment.name': ['K8S_DEPLOYMENT_NAME'],
  'k8s.cluster.name': ['K8S_CLUSTER_NAME'],
}

/**
 * Returns the Kubernetes attributes. Only inside a pod, where the kubelet sets the API server's address: elsewhere
 * `NODE_NAME` means something else.
 */
export function kubernetesAttributes(env: Texts): DeploymentAttributes {
  if (env['KUBERNETES_SERVICE_HOST'] === undefined) return {}
  const found = Object.entries(KUBERNETES).map(([attribute, names]) => [attribute, firstOf(env, names)])
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}

const COMMITS: readonly string[] = [
  'GIT_COMMIT',
  'GIT_COMMIT_SHA',
  'GIT_SHA',
  'COMMIT_SHA',
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'CIRCLE_SHA1',
  'BITBUCKET_COMMIT',
  'BUILDKITE_COMMIT',
  'DRONE_COMMIT_SHA',
  'TRAVIS_COMMIT',
  'BUILD_SOURCEVERSION',
  'CODEBUILD_RESOLVED_SOURCE_VERSION',
  'VERCEL_GIT_COMMIT_SHA',
  'CF_PAGES_COMMIT_SHA',
  'RENDER_GIT_COMMIT',
  'RAILWAY_GIT_COMMIT_SHA',
  'AWS_COMMIT_ID',
  'KOYEB_GIT_SHA',
  'BUILD_VCS_NUMBER',
  'COMMIT_REF',
  'HEROKU_BUILD_COMMIT',
  'HEROKU_SLUG_COMMIT',
  'SOURCE_COMMIT',
  'SOURCE_VERSION',
]

/**
 * Returns the revision (semantic conventions, VCS). Some of these variables may hold a branch or a tag, so only what
 * may be a hash is used.
 */
export function gitAttributes(env: Texts): DeploymentAttributes {
  const commit = firstOf(env, COMMITS, /^[0-9a-f]{7,64}$/i)
  return commit === undefined ? {} : { 'vcs.ref.head.revision': commit.toLowerCase() }
}

function firstOf(env: Texts, names: readonly string[], shape: RegExp = /./): string | undefined {
  for (const name of names) {
    const value = env[name]?.trim()
    if (value !== undefined && value !== '' && shape.test(value)) return value
  }
  return undefined
}
