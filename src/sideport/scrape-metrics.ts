import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { gauge, withMetrics } from '../sdk/made-metrics.ts'

/** Figures of the last completed scrape, since a scrape cannot know its own. */
export interface ScrapeStats {
  readonly durationMs: number
  /** Before compression. */
  readonly sizeBytes: number
}

const SCOPE = Object.freeze({ name: '@paxx/obs' })

export function withSelfMetrics(result: CollectionResult, last: ScrapeStats | undefined): CollectionResult {
  if (last === undefined) return result
  return withMetrics(result, SCOPE, [
    gauge('obs.scrape.duration', 's', 'Duration of the previous scrape of this endpoint.', last.durationMs / 1000),
    gauge('obs.scrape.size', 'By', 'Size of the previous scrape, uncompressed.', last.sizeBytes),
  ])
}
