import type { Meter } from '@opentelemetry/api'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import type { Asked, Shown } from './compared-exporters.ts'

/** `not offered`: it does not speak the format that the requirement is about. */
export type Outcome = 'met' | 'unmet' | 'not offered'

/** One MUST or SHOULD of the specification's Prometheus pages, and how it is judged. Ours meets each of these. */
export interface Requirement {
  readonly level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT'
  /** The heading it stands under. */
  readonly section: string
  readonly words: string
  readonly record?: (meter: Meter, meterOf: (name: string, version?: string, schemaUrl?: string) => Meter) => void
  readonly resource?: Record<string, string>
  /** For data that the SDK does not give by itself. */
  readonly changed?: (result: CollectionResult) => CollectionResult
  readonly asked?: Asked
  /** Throws when it is not met. */
  readonly check: (shown: Shown) => void
  readonly upstream: Outcome
}

/** What cannot be judged by what is served, or has nothing to be judged by. */
export interface Elsewhere {
  readonly level: Requirement['level']
  readonly section: string
  readonly words: string
  /** What shows it, or why it does not apply to an exporter of this SDK. */
  readonly shownBy: string
  readonly ours: Outcome | 'does not apply'
  readonly upstream: Outcome | 'does not apply'
}
