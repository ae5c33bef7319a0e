import { type SqlDialect, sqlDialect } from './sql-dialects.ts'
import { SqlSanitizer } from './sql-sanitizer.ts'

/** Most apps run few statements often. In memory alone. */
const kept = new Map<SqlDialect, Map<string, string>>()
const MAX_KEPT = 500
const MAX_KEPT_CHARS = 4096

/**
 * The statement with each literal as `?`, as the semantic conventions want `db.query.text`: strings, numbers, booleans and
 * what only looks like one. Placeholders and names stay, comments go. Where the dialect leaves open what is a literal, the
 * statement ends in `?`. Linear in the text, and never throws.
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
