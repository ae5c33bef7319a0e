/**
 * The stages of a start, as one chunk: a process that starts needs all of them, and finding, reading and compiling a
 * file takes a third of a millisecond. Parts that not every process needs are separate chunks (`chunks.ts`).
 */
export { CATALOG } from '../hooks/catalog.generated.ts'
export { createHooks } from '../hooks/hooks.ts'
export { select } from '../hooks/selection.ts'
export { watchThread } from '../lifecycle/lifecycle.ts'
export { registerApi } from '../providers/register-api.ts'
export { startTelemetry } from './telemetry.ts'
