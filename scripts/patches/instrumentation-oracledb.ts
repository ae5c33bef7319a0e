import { type Patch, replaced } from './text-patch.ts'

/** Removes the comments and parentheses at the beginning of a statement. */
const WITHOUT_COMMENT: string = String.raw`.replace(/^(?:[\s(]|\/\*[^]*?\*\/|--[^\n]*)+/, "")`

const FILE = 'instrumentation-oracledb/dist/OracleTelemetryTraceHandler.mjs'

export const INSTRUMENTATION_ORACLEDB: readonly Patch[] = [
  {
    name: 'instrumentation-oracledb: span names',
    reason:
      "A span's name can contain a value where a statement begins with a comment or has no space before its first value.",
    upstream: 'No issue yet. Report: take the first word of the statement, not its text up to the first white space.',
    test: 'test/package/oracledb-names.test.ts',
    changes: [
      replaced(FILE, 'if (code === 32 || code >= 9 && code <= 13) {', 'if (!/\\w/.test(trimmed[i])) {'),
      replaced(FILE, 'statement.trim()', `statement${WITHOUT_COMMENT}`),
    ],
  },
]
