import { type PatchSet, replaced } from './patch.ts'
import { firstWordEnd, WITHOUT_COMMENT } from './sql-statements.ts'

export const INSTRUMENTATION_PG: PatchSet = {
  reason:
    "A span's name can contain a value where a statement begins with a comment or has no space before its first value.",
  upstream: 'No issue yet. Report: take the first word of the statement, not its text up to the first space.',
  test: 'test/e2e/privacy.test.ts',
  patches: [
    replaced('instrumentation-pg/dist/utils.mjs', 'trimmedQuery.indexOf(" ")', firstWordEnd('trimmedQuery')),
    replaced('instrumentation-pg/dist/utils.mjs', 'queryText.trim()', `queryText${WITHOUT_COMMENT.slice(1)}`),
  ],
}
