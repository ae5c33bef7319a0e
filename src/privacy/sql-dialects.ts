/**
 * What decides where a literal begins and ends. Undefined where it is not known for a system: text in which it would
 * matter is cut there, since a mistake would take all that follows for the opposite of what it is.
 */
export interface SqlDialect {
  /** What stands in double quotes: a name (SQL standard), or a value. */
  readonly doubleQuotes: 'name' | 'value'
  readonly backticksQuoteNames: boolean | undefined
  readonly bracketsQuoteNames: boolean | undefined
  /** `$tag$ … $tag$` is a value. */
  readonly dollarQuotes: boolean | undefined
  /** Characters that, followed by digits, make a placeholder. */
  readonly placeholders: string
  readonly hashComments: boolean | undefined
  readonly slashComments: boolean | undefined
  readonly nestedComments: boolean | undefined
  /** `--` opens a comment only before a space. */
  readonly dashCommentNeedsSpace: boolean | undefined
  /** `q'[ … ]'` is a value. */
  readonly qQuotes: boolean | undefined
}

const STANDARD: SqlDialect = {
  doubleQuotes: 'name',
  backticksQuoteNames: false,
  bracketsQuoteNames: false,
  dollarQuotes: false,
  placeholders: '',
  hashComments: false,
  slashComments: false,
  nestedComments: false,
  dashCommentNeedsSpace: false,
  qQuotes: false,
}

const POSTGRESQL: SqlDialect = { ...STANDARD, dollarQuotes: true, placeholders: '$', nestedComments: true }
const MYSQL: SqlDialect = {
  ...STANDARD,
  doubleQuotes: 'value',
  backticksQuoteNames: true,
  hashComments: true,
  dashCommentNeedsSpace: true,
}
const SQL_SERVER: SqlDialect = { ...STANDARD, bracketsQuoteNames: true, nestedComments: true }
const ORACLE: SqlDialect = { ...STANDARD, placeholders: ':', qQuotes: true }
const SQLITE: SqlDialect = {
  ...STANDARD,
  // A name, or a value where there is no such name.
  doubleQuotes: 'value',
  backticksQuoteNames: true,
  bracketsQuoteNames: true,
  placeholders: '?:$@',
}
const CASSANDRA: SqlDialect = { ...STANDARD, dollarQuotes: true, slashComments: true }

const UNKNOWN: SqlDialect = {
  doubleQuotes: 'value',
  backticksQuoteNames: undefined,
  bracketsQuoteNames: undefined,
  dollarQuotes: undefined,
  placeholders: '',
  hashComments: undefined,
  slashComments: undefined,
  nestedComments: undefined,
  dashCommentNeedsSpace: undefined,
  qQuotes: undefined,
}

/** Semantic conventions, `db.system.name`, with the older `db.system` and knex's names of drivers. */
const DIALECTS: ReadonlyMap<string, SqlDialect> = new Map([
  ['postgresql', POSTGRESQL],
  ['cockroachdb', POSTGRESQL],
  ['aws.redshift', POSTGRESQL],
  ['redshift', POSTGRESQL],
  ['pgnative', POSTGRESQL],
  ['mysql', MYSQL],
  ['mysql2', MYSQL],
  ['mariadb', MYSQL],
  ['microsoft.sql_server', SQL_SERVER],
  ['mssql', SQL_SERVER],
  ['oracle.db', ORACLE],
  ['oracle', ORACLE],
  ['oracledb', ORACLE],
  ['sqlite', SQLITE],
  ['better-sqlite3', SQLITE],
  ['cassandra', CASSANDRA],
])

export function sqlDialect(system: string): SqlDialect {
  return DIALECTS.get(system) ?? UNKNOWN
}
