import type { Attributes } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import { labelTextAndKey, toLabelPairs } from './labels.ts'
import type { LabelPair, LabelStyle } from './labels.ts'

/** An attribute set rendered as labels. */
export interface Labels {
  /** A text that is equal for equal labels. */
  readonly key: string
  /** The text between the braces of a sample. */
  readonly text: string
  /** The protobuf encoding, computed on demand. */
  bytes: Uint8Array | undefined
}

export type LabelsOf = (attributes: Attributes, scope: InstrumentationScope) => Labels

/**
 * Caches labels by attribute set. The SDK keeps one attributes object per series, so only the first scrape renders the
 * text; an entry is released together with its series.
 */
export interface LabelCache {
  readonly labelsOf: (style: LabelStyle) => LabelsOf
  readonly pairsOf: (attributes: Attributes, scope: InstrumentationScope, style: LabelStyle) => LabelPair[]
}

const NO_SCOPE: InstrumentationScope = Object.freeze({ name: '' })

export function createLabelCache(withScope: boolean): LabelCache {
  const styles = new Map<string, WeakMap<InstrumentationScope, WeakMap<Attributes, Labels>>>()
  const pairsOf: LabelCache['pairsOf'] = (attributes, scope, style) =>
    toLabelPairs(attributes, withScope ? scope : undefined, style)

  const labelsOf = (style: LabelStyle): LabelsOf => {
    const id = `${style.strategy}/${style.escaping}`
    const scopes = styles.get(id) ?? new WeakMap<InstrumentationScope, WeakMap<Attributes, Labels>>()
    styles.set(id, scopes)
    return (attributes, scope) => {
      const owner = withScope ? scope : NO_SCOPE
      let known = scopes.get(owner)
      if (known === undefined) scopes.set(owner, (known = new WeakMap<Attributes, Labels>()))
      let labels = known.get(attributes)
      if (labels === undefined) {
        labels = { ...labelTextAndKey(pairsOf(attributes, scope, style)), bytes: undefined }
        known.set(attributes, labels)
      }
      return labels
    }
  }
  return { labelsOf, pairsOf }
}
