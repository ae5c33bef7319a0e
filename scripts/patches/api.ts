import { ours, type PatchSet, standsIn } from './text-patch.ts'

export const API: PatchSet = {
  reason:
    "The API's context makes three closures and copies a Map for each value; a request makes several contexts. Its registry takes one SDK, and refuses the one that the app starts.",
  upstream:
    'No issue yet. Report: `BaseContext` copies its whole Map in setValue() and creates its methods in the constructor; a linked list with methods on the prototype is observably the same and six times cheaper. For the registry there is none: one SDK a process is how the API is meant.',
  test: 'test/unit/sdk/context.test.ts, test/e2e/later-sdk.test.ts',
  patches: [
    standsIn('@opentelemetry/api/dist/context/context.mjs', 'src/sdk/context.ts'),
    {
      file: '@opentelemetry/api/dist/internal/global-utils.mjs',
      change: () => `import { VERSION } from '../version.mjs'
import { createRegistry } from ${ours('src/sdk/global-registry.ts')}
const { getGlobal, registerGlobal, unregisterGlobal } = createRegistry(VERSION)
export { getGlobal, registerGlobal, unregisterGlobal }`,
    },
  ],
}
