import { type PatchSet, replaced } from './patch.ts'

export const INSTRUMENTATION_MONGODB: PatchSet = {
  reason: 'A failed operation does not say which error it was.',
  upstream: 'https://github.com/open-telemetry/opentelemetry-js-contrib/issues/2968 (semantic conventions)',
  test: 'test/e2e/database-metrics.test.ts',
  patches: [
    replaced(
      'instrumentation-mongodb/dist/instrumentation.mjs',
      'span.setStatus({',
      'span.setAttribute("error.type", String(error.codeName ?? error.code ?? error.name)).setStatus({',
    ),
  ],
}
