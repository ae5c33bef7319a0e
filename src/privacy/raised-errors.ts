/**
 * Classes of SQLSTATE whose messages are written by PostgreSQL itself (errcodes.txt). P0 (RAISE of PL/pgSQL) and
 * classes that a schema defines are not among them.
 */
const POSTGRESQL_CLASSES: ReadonlySet<string> = new Set(
  '00 01 02 03 08 09 0A 0B 0F 0L 0P 0Z 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 53 54 55 57 58 72 F0 HV XX'.split(
    ' ',
  ),
)

const RAISED: readonly (readonly [system: RegExp, isRaised: (code: string) => boolean])[] = [
  [
    /^(?:postgresql|cockroachdb|pgnative|(?:aws\.)?redshift)$/,
    (code) => /^[0-9A-Z]{5}$/.test(code) && !POSTGRESQL_CLASSES.has(code.slice(0, 2)),
  ],
  [/^(?:mysql2?|mariadb)$/, (code) => code === '1644' || code === 'ER_SIGNAL_EXCEPTION' || code.startsWith('45')],
  [/^(?:microsoft\.sql_server|mssql)$/, (code) => Number(code) >= 50_000],
  [/^oracle/, (code) => /^(?:ORA-)?20\d{3}$/.test(code)],
]

/**
 * Returns whether the whole message of an error with this code (SQLSTATE or the vendor's) was written by the schema's
 * author: `RAISE`, `SIGNAL`, `RAISERROR`, `raise_application_error`.
 */
export function isRaisedText(system: string, code: string): boolean {
  return code !== '' && RAISED.some(([of, isRaised]) => of.test(system) && isRaised(code))
}
