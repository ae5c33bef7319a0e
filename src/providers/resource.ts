import { readFileSync } from 'node:fs'
import { hostname, machine, platform, release } from 'node:os'
import { defaultServiceName, defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ResourceSettings } from '../settings/settings.ts'
import { VERSION } from '../version.ts'

/**
 * Who sends this telemetry. All of it is read synchronously: an asynchronous attribute would hold back the first export.
 * The command line is left out, since arguments carry secrets.
 */
export function createResource(settings: ResourceSettings): Resource {
  const { serviceName, serviceVersion, attributes } = settings
  return defaultResource()
    .merge(resourceFromAttributes({ ...hostAttributes(), ...processAttributes() }))
    .merge(resourceFromAttributes({ 'service.instance.id': instanceId(), ...attributes }))
    .merge(
      resourceFromAttributes({
        'service.name': serviceName ?? defaultServiceName(),
        ...(serviceVersion === undefined ? {} : { 'service.version': serviceVersion }),
        'telemetry.distro.name': '@paxx/obs',
        'telemetry.distro.version': VERSION,
      }),
    )
}

/** A random UUID; from Linux itself where that is, since `node:crypto` costs the start several milliseconds. */
function instanceId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/uuid', 'latin1').trim()
  } catch {
    return (require('node:crypto') as typeof import('node:crypto')).randomUUID()
  }
}

/** Semantic conventions, host and os resources. */
function hostAttributes(): Record<string, string> {
  return {
    'host.name': hostname(),
    'host.arch': ARCHITECTURES[machine()] ?? process.arch,
    'os.type': platform() === 'win32' ? 'windows' : platform(),
    'os.version': release(),
  }
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
  i686: 'x86',
  ppc64le: 'ppc64',
}

/** Semantic conventions, process resource. */
function processAttributes(): Record<string, string | number> {
  return {
    'process.pid': process.pid,
    'process.executable.name': process.title.split(' ')[0] ?? 'node',
    'process.executable.path': process.execPath,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  }
}
