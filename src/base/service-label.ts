import type { ResourceSettings } from '../settings/settings.ts'

/** The service, where it has to be called something; in the resource the specification's default stands for no name. */
export function serviceLabel({ serviceName }: Pick<ResourceSettings, 'serviceName'>): string {
  return serviceName ?? 'unknown_service'
}
