import { hideCredentialsIn } from '../base/credentials-in-text.ts'
import { gitAttributes, kubernetesAttributes } from './deployment.ts'
import { readCapture } from './privacy.ts'
import { findPackage, type PackageSearch } from './package-identity.ts'
import type { AttributeValue, CloudDetector, ResourceSettings } from './settings.ts'
import { rowOf } from './table.ts'
import type { Texts, Values } from './values.ts'

type Search = PackageSearch & { readonly env: Texts }

const SERVICE_NAME = 'service.name'
const SERVICE_VERSION = 'service.version'

/**
 * Reads the resource attributes
 * (https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable).
 * When these leave the service name or version open, they come from the app's package.json. No file is read when
 * `search` is undefined.
 */
export function readResource(
  values: Values,
  search: Search | undefined,
  declared: ResourceSettings['attributes'] = {},
): ResourceSettings {
  const attributes = new Map<string, AttributeValue>(values.pairs('OTEL_RESOURCE_ATTRIBUTES'))
  for (const [name, value] of Object.entries(declared)) attributes.set(name, value)
  const givenName = values.text('OTEL_SERVICE_NAME') ?? notEmpty(attributes.get(SERVICE_NAME))
  const givenVersion = notEmpty(attributes.get(SERVICE_VERSION))
  attributes.delete(SERVICE_NAME)
  attributes.delete(SERVICE_VERSION)
  const isDecided = givenName !== undefined && givenVersion !== undefined
  const found = isDecided || search === undefined ? undefined : findPackage(search)
  return {
    serviceName: givenName ?? found?.name,
    serviceVersion: givenVersion ?? found?.version,
    attributes: Object.fromEntries(Array.from(attributes, ([name, value]) => [name, withoutCredentials(value)])),
    ...readDetectors(values),
    showsArguments: readCapture(values).includes('arguments'),
    found: { k8s: kubernetesAttributes(search?.env ?? {}), git: gitAttributes(search?.env ?? {}) },
  }
}

const CLOUDS: readonly string[] = ['aws', 'gcp', 'azure', 'alibaba']

function readDetectors(values: Values): Pick<ResourceSettings, 'detectors' | 'cloudDetectors'> {
  const row = rowOf('OTEL_NODE_RESOURCE_DETECTORS')
  let chosen = values.choices<string>('OTEL_NODE_RESOURCE_DETECTORS')
  if (chosen.includes('all') && row?.type === 'enums') {
    chosen = row.values.filter((name) => name !== 'all' && name !== 'none')
  }
  return {
    detectors: chosen.filter((name) => !CLOUDS.includes(name)),
    cloudDetectors: chosen.filter((name): name is CloudDetector => CLOUDS.includes(name)),
  }
}

function notEmpty(value: AttributeValue | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : String(value)
}

/**
 * Removes credentials, because the resource is part of every export, and `vcs.repository.url.full` of a build often
 * contains the token that it was cloned with.
 */
function withoutCredentials(value: AttributeValue): AttributeValue {
  return typeof value === 'string' ? hideCredentialsIn(value, 'REDACTED:REDACTED') : value
}
