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
  /** Whether series have `otel_scope_*` labels. Default: true. */
  readonly scopeLabels?: boolean | undefined
  /** Whether `target_info` is included. Default: true. */
  readonly targetInfo?: boolean | undefined
  /** Called once for each metric that is dropped. */
  readonly onLoss?: ((message: string) => void) | undefined
  /** Called once for each metric that is served but not in full detail. */
  readonly onAmbiguity?: ((message: string) => void) | undefined
}

export interface Exposition {
  /**
   * Yields the exposition in pieces to be sent in order. Little time passes between pieces, so that the caller can
   * yield to other work; empty pieces exist only for that.
   */
  readonly pieces: (result: CollectionResult, format: ExpositionFormat) => Iterable<string | Uint8Array>
}

/** Limit of reported problems: an app that generates names must not fill the log. */
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
  const reported = new Set<string>()
  return (key, message, severity) => {
    if (reported.has(key) || reported.size >= MAX_PROBLEMS) return
    reported.add(key)
    const report = severity === 'loss' ? onLoss : onAmbiguity
    report?.(message)
  }
}
