import { type DeclaredMetrics, NO_DECLARED_METRICS } from '../../base/declared-metrics.ts'
import type { AttributeValue } from '../settings.ts'
import { pathText, type ConfigSection } from './section.ts'

/** A configuration file expressed as the equivalent variables, so that one parser and one set of rules serves both. */
export interface Translated {
  readonly texts: Readonly<Record<string, string>>
  /** The place in the file that each variable comes from. */
  readonly places: Readonly<Record<string, string>>
  /** The resource attributes with their types, which the variable cannot express. */
  readonly resourceAttributes: Readonly<Record<string, AttributeValue>>
  readonly metrics: DeclaredMetrics
}

export class Translation implements Translated {
  readonly texts: Record<string, string> = Object.create(null)
  readonly places: Record<string, string> = Object.create(null)
  readonly resourceAttributes: Record<string, AttributeValue> = Object.create(null)
  metrics: DeclaredMetrics = NO_DECLARED_METRICS

  /** Sets a variable from a scalar of a section, unless the scalar is empty. */
  put(variable: string, section: ConfigSection | undefined, key: string): void {
    const value = section?.scalar(key)
    if (section !== undefined && value !== undefined) this.set(variable, String(value), section, key)
  }

  /** Sets variables from several scalars of a section. */
  putAll(prefix: string, section: ConfigSection | undefined, keys: Readonly<Record<string, string>>): void {
    for (const [key, option] of Object.entries(keys)) this.put(`${prefix}${option}`, section, key)
  }

  set(variable: string, text: string, section?: ConfigSection, key?: string): void {
    this.texts[variable] = text
    this.places[variable] =
      section === undefined ? '' : pathText(key === undefined ? section.path : [...section.path, key])
  }
}
