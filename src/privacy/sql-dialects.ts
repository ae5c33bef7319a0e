/**
 * The rules by which literals begin and end. A rule that is unknown for a system is undefined: text for which it
 * matters is truncated there, because a mistake would swap literals and code for the rest of the text.
 */
export interface SqlDialect {
  /** Whether double quotes enclose a name (SQL standard) or a value. */
  readonly doubleQuotes: 'name' | 'value'
  readonly backticksQuoteNames: boolean | undefined
  readonly bracketsQuoteNames: boolean | undefined
  /** Whether `$tag$ … $tag$` is a value. */
  readonly dollarQuotes: boolean | undefined
  /** The characters that, followed by digits, form a placeholder. */
  readonly placeholders: string
  readonly hashComments: boolean | undefined
  readonly slashComments: boolean | undefined
  readonly nestedComments: boolean | undefined
  /** Whether `--` begins a comment only before a space. */
  readonly dashCommentNeedsSpace: boolean | undefined
  /** Whether `q'[ … ]'` is a value. */
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
  // A name, or a value if there is no such name.
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

/** By `db.system.name`, by the older `db.system`, and by knex's driver names. */
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
