/**
 * The stages of a process that starts, as one chunk: it needs all of them, and a file costs a third of a millisecond to be
 * found, read and compiled. Whatever may do without one of their parts loads it by itself (`chunks.ts`).
 */
export { createPipeline } from '../export/pipeline.ts'
export { CATALOG } from '../hooks/catalog.generated.ts'
export { createHooks, installHooks } from '../hooks/hooks.ts'
export { select } from '../hooks/selection.ts'
export { endOfInvocation } from '../lifecycle/invocation.ts'
export { watchLifecycle, watchThread } from '../lifecycle/lifecycle.ts'
export { registerProviders } from '../providers/providers.ts'
export { createSidePort } from '../sideport/sideport.ts'
