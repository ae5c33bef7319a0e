import { isAbsolute } from 'node:path'
import type { FleetSettings } from './settings.ts'
import type { Values } from './values.ts'

/** `runtimeFolder`: `XDG_RUNTIME_DIR` as it is set. */
export function readFleet(values: Values, runtimeFolder: string | undefined): FleetSettings {
  return {
    enabled: values.flag('OBS_FLEET'),
    timeoutMs: values.integer('OBS_FLEET_TIMEOUT'),
    everyProcessApart: values.flag('OBS_FLEET_EVERY_PROCESS'),
    portFallbacks: values.integer('OBS_FALLBACK_PORTS'),
    // The XDG specification: a relative path is no path.
    runtimeFolder: runtimeFolder !== undefined && isAbsolute(runtimeFolder) ? runtimeFolder : undefined,
  }
}
