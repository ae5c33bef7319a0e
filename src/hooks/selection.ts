import { CATALOG } from './catalog.generated.ts'
import { OFF_BY_DEFAULT } from './off-by-default.ts'
import type { InstrumentationSettings } from '../settings/settings.ts'

export interface Selection {
  readonly on: ReadonlySet<string>
  readonly unknown: readonly { readonly variable: string; readonly name: string }[]
}

/**
 * Reads the two variables like upstream: a list of enabled ones replaces the defaults, and disabled ones are removed.
 */
export function select(settings: InstrumentationSettings, known: readonly string[] = Object.keys(CATALOG)): Selection {
  const { enabled, disabled } = settings
  const wanted = enabled ?? known.filter((name) => !OFF_BY_DEFAULT.includes(name))
  return {
    on: new Set(wanted.filter((name) => known.includes(name) && !disabled.includes(name))),
    unknown: [
      ...unknownIn('OTEL_NODE_ENABLED_INSTRUMENTATIONS', enabled ?? [], known),
      ...unknownIn('OTEL_NODE_DISABLED_INSTRUMENTATIONS', disabled, known),
    ],
  }
}

function unknownIn(variable: string, names: readonly string[], known: readonly string[]): Selection['unknown'] {
  return names.filter((name) => !known.includes(name)).map((name) => ({ variable, name }))
}
