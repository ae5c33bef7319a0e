import { asEsModule, type PatchSet } from './patch.ts'

export const FASTIFY_OTEL: PatchSet = {
  reason: 'As CommonJS it brings the CommonJS copies of the API and of the instrumentation base class into the bundle.',
  upstream: 'https://github.com/fastify/otel: no issue; a package in CommonJS is not wrong in itself.',
  test: 'test/e2e/loading.test.ts',
  patches: [asEsModule('@fastify/otel/index.js')],
}
