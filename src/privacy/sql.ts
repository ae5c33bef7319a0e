import { type SqlDialect, sqlDialect } from './sql-dialects.ts'
import { SqlSanitizer } from './sql-sanitizer.ts'

/** Most apps repeat few statements, so results are cached, in memory only. */
const kept = new Map<SqlDialect, Map<string, string>>()
const MAX_KEPT = 500
const MAX_KEPT_CHARS = 4096

/**
 * Returns the statement with `?` for each literal, as the semantic conventions require for `db.query.text`: strings,
 * numbers, booleans and anything similar. Placeholders and names are kept, comments are removed. If the dialect leaves
 * it ambiguous what is a literal, the statement ends in `?`. Linear in the length of the text. Never throws.
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/#sanitization-of-dbquerytext
 */
export function sanitizeSql(statement: string, system: string): string {
  const dialect = sqlDialect(system)
  if (statement.length > MAX_KEPT_CHARS) return new SqlSanitizer(statement, dialect).run()
  let ofDialect = kept.get(dialect)
  if (ofDialect === undefined) kept.set(dialect, (ofDialect = new Map()))
  const known = ofDialect.get(statement)
  if (known !== undefined) return known
  const sanitized = new SqlSanitizer(statement, dialect).run()
  if (ofDialect.size >= MAX_KEPT) ofDialect.clear()
  ofDialect.set(statement, sanitized)
  return sanitized
}
