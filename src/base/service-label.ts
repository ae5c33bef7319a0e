import type { ResourceSettings } from '../settings/settings.ts'

/** Returns the service name for display, where the resource would have the specification's default. */
export function serviceLabel({ serviceName }: Pick<ResourceSettings, 'serviceName'>): string {
  return serviceName ?? 'unknown_service'
}
