import { type PatchSet, replaced } from './patch.ts'

export const INSTRUMENTATION_GRAPHQL: PatchSet = {
  reason: "A comment of a query is as much the user's as a value, and stays in `graphql.document`.",
  upstream: 'No issue yet. Report: `KindsToBeRemoved` leaves comments in the document.',
  test: 'test/e2e/privacy.test.ts',
  patches: [
    replaced('instrumentation-graphql/dist/utils.mjs', 'KindsToBeRemoved = [', 'KindsToBeRemoved = ["Comment", '),
  ],
}
