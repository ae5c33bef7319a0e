import { ours, type Patch, standsIn } from './text-patch.ts'

export const API: readonly Patch[] = [
  {
    name: 'api: context',
    reason: 'A context creates three closures and copies a Map for each value; a request makes several contexts.',
    upstream:
      'No issue yet. Report: `BaseContext` copies its whole Map in setValue() and creates its methods in the constructor; a linked list with methods on the prototype is observably the same and six times cheaper.',
    test: 'test/e2e/work-per-span.test.ts',
    changes: [standsIn('@opentelemetry/api/dist/context/context.mjs', 'src/sdk/context.ts')],
  },
  {
    name: 'api: registry',
    reason: 'The registry takes one SDK, and refuses the one that the app starts.',
    upstream: 'No issue yet, and none to write: one SDK per process is how the API is meant.',
    test: 'test/e2e/later-sdk.test.ts',
    changes: [
      {
        file: '@opentelemetry/api/dist/internal/global-utils.mjs',
        change: () => `import { VERSION } from '../version.mjs'
import { createRegistry } from ${ours('src/sdk/global-registry.ts')}
const { getGlobal, registerGlobal, unregisterGlobal } = createRegistry(VERSION)
export { getGlobal, registerGlobal, unregisterGlobal }`,
      },
    ],
  },
]
