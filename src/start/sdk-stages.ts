/**
 * What the first span or measurement needs, as one chunk. It is by far the largest part of a start, and an app that
 * serves loads it when it has started (`telemetry.ts`).
 */
export { createPipeline } from '../export/pipeline.ts'
export { buildProviders } from '../providers/providers.ts'
export { buildSdk } from './sdk.ts'
