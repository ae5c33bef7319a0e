import type { Cluster } from 'node:cluster'
import { readFileSync } from 'node:fs'
import { hostname, machine, platform, release } from 'node:os'
import { defaultServiceName, defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { AttributeValue, ResourceSettings } from '../settings/settings.ts'
import { VERSION } from '../base/version.ts'
import type { CloudDetection } from './cloud.ts'
import { containerId } from './container.ts'

type DetectedAttributes = Record<string, AttributeValue>

/**
 * Creates the resource. Cloud attributes are added to it later: pending attributes would delay the first export. The
 * command line is not included by default, since arguments may contain secrets. `hides` returns whether an attribute's
 * value must be redacted.
 */
export function createResource(
  settings: ResourceSettings,
  cloud?: CloudDetection,
  hides?: (attribute: string) => boolean,
): Resource {
  const detected = Object.assign({}, ...settings.detectors.map((name) => DETECTORS[name]?.(settings) ?? {}))
  const build = (): Resource => withHidden(resourceOf(settings, detected), hides)
  if (cloud === undefined) return build()
  const resource = new GrowingResource(build())
  cloud.onFound((attributes) => {
    Object.assign(detected, attributes)
    resource.grow(build())
  })
  return resource
}

/** Attributes set by the user take precedence over detected ones. */
function resourceOf(
  { serviceName, serviceVersion, attributes }: ResourceSettings,
  detected: DetectedAttributes,
): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ ...detected, ...attributes }))
    .merge(
      resourceFromAttributes({
        'service.name': serviceName ?? defaultServiceName(),
        ...(serviceVersion === undefined ? {} : { 'service.version': serviceVersion }),
        'telemetry.distro.name': '@paxx/obs',
        'telemetry.distro.version': VERSION,
      }),
    )
}

function withHidden(resource: Resource, hides: ((attribute: string) => boolean) | undefined): Resource {
  if (hides === undefined) return resource
  const names = resource.getRawAttributes().flatMap(([name]) => (hides(name) ? [name] : []))
  return resource.merge(resourceFromAttributes(Object.fromEntries(names.map((name) => [name, 'REDACTED']))))
}

/** A resource that can change: the providers keep the object, and exporters read it anew each time. */
class GrowingResource implements Resource {
  #now: Resource

  constructor(first: Resource) {
    this.#now = first
  }

  grow(next: Resource): void {
    this.#now = next
  }

  get attributes(): Resource['attributes'] {
    return this.#now.attributes
  }

  merge(other: Resource | null): Resource {
    return this.#now.merge(other)
  }

  getRawAttributes(): ReturnType<Resource['getRawAttributes']> {
    return this.#now.getRawAttributes()
  }
}

/**
 * The detectors of `OTEL_NODE_RESOURCE_DETECTORS`. `env` is not among them: the attributes it names are set by the user
 * and always included.
 */
const DETECTORS: Readonly<Record<string, (settings: ResourceSettings) => DetectedAttributes>> = {
  host: () => ({ 'host.name': hostname(), 'host.arch': ARCHITECTURES[machine()] ?? process.arch }),
  os: () => ({ 'os.type': platform() === 'win32' ? 'windows' : platform(), 'os.version': release() }),
  process: processAttributes,
  service: instanceAttributes,
  serviceinstance: instanceAttributes,
  container: containerAttributes,
  k8s: ({ found }) => kubernetesAttributes(found.k8s),
  git: ({ found }) => found.git,
}

function instanceAttributes(): DetectedAttributes {
  return { 'service.instance.id': instanceId() }
}

function containerAttributes(): DetectedAttributes {
  if (platform() !== 'linux') return {}
  const id = containerId(textOf('/proc/self/cgroup'), textOf('/proc/self/mountinfo'))
  return id === undefined ? {} : { 'container.id': id }
}

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

function kubernetesAttributes(found: Readonly<Record<string, string>>): DetectedAttributes {
  if (found['k8s.namespace.name'] !== undefined) return found
  const namespace = textOf(NAMESPACE_FILE).trim()
  return namespace === '' ? found : { ...found, 'k8s.namespace.name': namespace }
}

/** Returns the text of a file, or an empty text when it cannot be read, which is usual. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Returns a random UUID. Linux provides one; loading `node:crypto` costs the start several milliseconds. */
function instanceId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim()
  } catch {
    return (require('node:crypto') as typeof import('node:crypto')).randomUUID()
  }
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
  i686: 'x86',
  ppc64le: 'ppc64',
}

/**
 * Returns the worker id in a cluster. In one, Node.js has loaded `node:cluster` already; anywhere else this would load
 * it and a dozen other modules.
 */
function clusterAttributes(): DetectedAttributes {
  const { moduleLoadList } = process as typeof process & { readonly moduleLoadList?: readonly string[] }
  if (process.channel === undefined || moduleLoadList?.includes('NativeModule cluster') !== true) return {}
  const id = (process.getBuiltinModule('node:cluster') as unknown as Cluster).worker?.id
  return id === undefined ? {} : { 'nodejs.cluster.worker.id': id }
}

/** Semantic conventions, process resource. */
function processAttributes({ showsArguments }: ResourceSettings): DetectedAttributes {
  return {
    'process.pid': process.pid,
    'process.executable.name': process.title.split(' ')[0] ?? 'node',
    'process.executable.path': process.execPath,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    ...clusterAttributes(),
    ...(showsArguments
      ? { 'process.command_args': [process.argv0, ...process.execArgv, ...process.argv.slice(1)] }
      : {}),
  }
}
