import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { targetInfoAttributes, toFamilies } from './families.ts'
import type { ReportProblem } from './families.ts'
import { createLabelCache } from './label-cache.ts'
import type { TranslationStrategy } from '../../settings/settings.ts'
import type { ExpositionFormat } from './negotiate.ts'
import { protobufChunks } from './protobuf.ts'
import { textChunks } from './text.ts'

export interface ExpositionOptions {
  /** Default: UnderscoreEscapingWithSuffixes. */
  readonly translationStrategy?: TranslationStrategy | undefined
  /** `otel_scope_*` labels. Default: true. */
  readonly scopeLabels?: boolean | undefined
  /** Default: true. */
  readonly targetInfo?: boolean | undefined
  /** Told once of each metric that is left out. */
  readonly onLoss?: ((message: string) => void) | undefined
  /** Told once of each metric that is shown, but not in every detail as it was made. */
  readonly onAmbiguity?: ((message: string) => void) | undefined
}

export interface Exposition {
  /**
   * What was collected, in a format: pieces to be sent in order. Between two pieces little time passes, so the
   * caller can let others work; an empty piece is there for that alone.
   */
  readonly pieces: (result: CollectionResult, format: ExpositionFormat) => Iterable<string | Uint8Array>
}

/** So many different problems are told of: names that are made up without end must not fill the log. */
const MAX_PROBLEMS = 100

export function createExposition(options: ExpositionOptions = {}): Exposition {
  const strategy = options.translationStrategy ?? 'UnderscoreEscapingWithSuffixes'
  const labels = createLabelCache(options.scopeLabels ?? true)
  const report = reportOnce(options)
  return {
    *pieces(result, format) {
      const openMetrics = format.kind === 'openmetrics'
      const { escaping } = format
      const families = yield* toFamilies(result, { strategy, escaping, openMetrics }, report)
      const target = options.targetInfo === false ? undefined : targetInfoAttributes(result)
      const context = { openMetrics, style: { strategy, escaping }, labels }
      const write = format.kind === 'protobuf' ? protobufChunks : textChunks
      yield* write(families, target, context)
    },
  }
}

function reportOnce({ onLoss, onAmbiguity }: ExpositionOptions): ReportProblem {
  const told = new Set<string>()
  return (key, message, severity) => {
    if (told.has(key) || told.size >= MAX_PROBLEMS) return
    told.add(key)
    const tell = severity === 'loss' ? onLoss : onAmbiguity
    tell?.(message)
  }
}
