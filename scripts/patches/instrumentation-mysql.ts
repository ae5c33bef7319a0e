import { type PatchSet, replaced } from './patch.ts'
import { firstWordEnd, WITHOUT_COMMENT } from './sql-statements.ts'

const ERROR_TYPE = 'span.setAttribute("error.type", String(err.code ?? err.name)).setStatus({'

export const INSTRUMENTATION_MYSQL: PatchSet = {
  reason:
    'Span names can contain values where a statement has a line break or a comment, and errors have no `error.type`.',
  upstream:
    'https://github.com/open-telemetry/opentelemetry-js-contrib/issues/2968 (semantic conventions); names: no issue yet',
  test: 'test/e2e/privacy.test.ts, test/e2e/database-metrics.test.ts',
  patches: [
    replaced('instrumentation-mysql/dist/utils.mjs', 'rawQuery?.indexOf(" ")', firstWordEnd('rawQuery?')),
    replaced('instrumentation-mysql/dist/utils.mjs', '? query.sql : query;', `? query.sql : query)${WITHOUT_COMMENT};`),
    replaced('instrumentation-mysql/dist/utils.mjs', 'rawQuery = typeof', 'rawQuery = (typeof'),
    replaced('instrumentation-mysql/dist/instrumentation.mjs', 'if (err) span.setStatus({', `if (err) ${ERROR_TYPE}`),
    replaced('instrumentation-mysql/dist/instrumentation.mjs', '(err) => span.setStatus({', `(err) => ${ERROR_TYPE}`),
  ],
}
