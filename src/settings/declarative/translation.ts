import { type DeclaredMetrics, NO_DECLARED_METRICS } from '../../base/declared-metrics.ts'
import type { AttributeValue } from '../settings.ts'
import { pathText, type ConfigSection } from './section.ts'

/** A configuration file said in the variables that mean the same, so that one parser and one set of rules serves both. */
export interface Translated {
  readonly texts: Readonly<Record<string, string>>
  /** Where in the file each of them stands. */
  readonly places: Readonly<Record<string, string>>
  /** Typed, which the variable is not. */
  readonly resourceAttributes: Readonly<Record<string, AttributeValue>>
  readonly metrics: DeclaredMetrics
}

export class Translation implements Translated {
  readonly texts: Record<string, string> = Object.create(null)
  readonly places: Record<string, string> = Object.create(null)
  readonly resourceAttributes: Record<string, AttributeValue> = Object.create(null)
  metrics: DeclaredMetrics = NO_DECLARED_METRICS

  /** The variable as a scalar of the section has it; an empty one says nothing. */
  put(variable: string, section: ConfigSection | undefined, key: string): void {
    const value = section?.scalar(key)
    if (section !== undefined && value !== undefined) this.set(variable, String(value), section, key)
  }

  /** Several scalars of one section. */
  putAll(prefix: string, section: ConfigSection | undefined, keys: Readonly<Record<string, string>>): void {
    for (const [key, option] of Object.entries(keys)) this.put(`${prefix}${option}`, section, key)
  }

  set(variable: string, text: string, section?: ConfigSection, key?: string): void {
    this.texts[variable] = text
    this.places[variable] =
      section === undefined ? '' : pathText(key === undefined ? section.path : [...section.path, key])
  }
}
