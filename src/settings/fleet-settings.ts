import { isAbsolute } from 'node:path'
import type { FleetSettings } from './settings.ts'
import type { Values } from './values.ts'

/** Reads the fleet settings. `runtimeFolder` is the value of `XDG_RUNTIME_DIR`. */
export function readFleet(values: Values, runtimeFolder: string | undefined): FleetSettings {
  return {
    enabled: values.flag('OBS_FLEET'),
    timeoutMs: values.integer('OBS_FLEET_TIMEOUT'),
    everyProcessApart: values.flag('OBS_FLEET_EVERY_PROCESS'),
    portFallbacks: values.integer('OBS_FALLBACK_PORTS'),
    // According to the XDG specification, relative paths are invalid.
    runtimeFolder: runtimeFolder !== undefined && isAbsolute(runtimeFolder) ? runtimeFolder : undefined,
  }
}
