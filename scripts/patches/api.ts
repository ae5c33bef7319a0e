import { type PatchSet, standsIn } from './patch.ts'

export const API: PatchSet = {
  reason: "The API's context makes three closures and copies a Map for each value; a request makes several contexts.",
  upstream:
    'No issue yet. Report: `BaseContext` copies its whole Map in setValue() and creates its methods in the constructor; a linked list with methods on the prototype is observably the same and six times cheaper.',
  test: 'test/unit/sdk/context.test.ts',
  patches: [standsIn('@opentelemetry/api/dist/context/context.mjs', 'src/sdk/context.ts')],
}
