import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sanitizeSql } from '../../../src/privacy/sql.ts'

/** https://opentelemetry.io/docs/specs/semconv/database/database-spans/#sanitization-of-dbquerytext */

const CASES: readonly (readonly [system: string, statement: string, sanitized: string])[] = [
  ['postgresql', 'SELECT * FROM t WHERE id = $1 AND "User" = $2', 'SELECT * FROM t WHERE id = $1 AND "User" = $2'],
  ['mysql', 'INSERT INTO t VALUES (?, ?), (?, ?)', 'INSERT INTO t VALUES (?, ?), (?, ?)'],
  ['sqlite', 'SELECT ?1, :2, $3, @name', 'SELECT ?1, :2, $3, @name'],
  ['microsoft.sql_server', 'SELECT @p1, $12.50 FROM #tmp1', 'SELECT @p1, $? FROM #tmp1'],
  ['oracle.db', "SELECT :1, q'[it's]' FROM t", 'SELECT :1, ? FROM t'],
  ['postgresql', "SELECT 'it''s', E'it\\'s', 5, -1.5e-3, 0xFF, b'101' FROM t1", 'SELECT ?, ?, ?, -?, ?, ? FROM t1'],
  ['postgresql', "SELECT $$it's$$, $tag$ $$ 'x' $tag$, a[1:2], x::int", 'SELECT ?, ?, a[?:?], x::int'],
  ['postgresql', "SELECT 1 -- it's\n, 2 /* a /* 'b' */ c */ + 3", 'SELECT ?  \n, ?   + ?'],
  ['postgresql', 'SELECT 1 WHERE x = "bob@example.com"', 'SELECT ? WHERE x = ?'],
  ['postgresql', "SELECT DATE '2020-01-01', TRUE, U&'\\0061'", 'SELECT DATE ?, ?, U&?'],
  ['postgresql', "SELECT a#>'{b}' FROM t", 'SELECT a#>? FROM t'],
  ['mysql', "SELECT `it's`, \"bob\", _utf8'x' # it's\n, 2", 'SELECT ?, ?, _utf8?  \n, ?'],
  ['mysql', "SELECT id#it's\n, 'x'", 'SELECT id \n, ?'],
  ['mysql', "SELECT 5--'a\nb', 2", 'SELECT ?--?, ?'],
  ['mysql', 'SELECT "a" -- "b\n, "c"', 'SELECT ?  \n, ?'],
  ['microsoft.sql_server', "SELECT [it's], N'x' FROM [dbo].[t]", 'SELECT ?, ? FROM [dbo].[t]'],
  ['cassandra', "SELECT 1 // it's\nFROM t WHERE a = $$b$$", 'SELECT ?  \nFROM t WHERE a = ?'],
  [
    'postgresql',
    'SELECT * FROM t WHERE a IN (1, 2,3) AND b IN ( $1 )',
    'SELECT * FROM t WHERE a IN (?) AND b IN ( $1 )',
  ],
  ['postgresql', "INSERT INTO t VALUES (1, 'a'), (2, 'b'),(3, 'c')", 'INSERT INTO t VALUES (?, ?)'],
  // What is not sure ends the statement.
  ['mysql', "SELECT 'it\\'s' AND b = 'c'", 'SELECT ?'],
  ['postgresql', "SELECT 'C:\\' AND b = 'c'", 'SELECT ?'],
  ['mysql', "SELECT /*!40000 'a */ b' */ 'c'", 'SELECT ?'],
  ['postgresql', "SELECT 'never ended", 'SELECT ?'],
  ['postgresql', 'SELECT /* never ended', 'SELECT'],
  ['something', "SELECT [1] FROM t WHERE q'[a]' = 'b'", 'SELECT [?] FROM t WHERE ?'],
  ['something', "SELECT a # it's\n, 'b'", 'SELECT a ?'],
  ['something', 'SELECT "a" FROM `t` WHERE a = 1', 'SELECT ? FROM `t` WHERE a = ?'],
  ['', '', ''],
]

for (const [system, statement, sanitized] of CASES) {
  test(`${system}: ${statement}`, () => {
    assert.equal(sanitizeSql(statement, system), sanitized)
    assert.equal(sanitizeSql(sanitized, system), sanitized)
  })
}

/** Writes a text as a literal, in every way that the system has; `quote` doubles what has to be doubled. */
const LITERALS: Readonly<Record<string, readonly ((text: string) => string)[]>> = {
  postgresql: [
    (text) => `'${doubled(text, "'")}'`,
    (text) => `E'${escaped(text)}'`,
    (text) => `$q$${text.replaceAll('$', '')}$q$`,
    (text) => `$$${text.replaceAll('$', '')}$$`,
    (text) => `/* ${text.replaceAll(/[*/]/g, '')} */`,
    (text) => `-- ${text.replaceAll(/[\r\n]/g, '')}\n`,
  ],
  mysql: [
    (text) => `'${escaped(text)}'`,
    (text) => `"${escaped(text)}"`,
    (text) => `'${doubled(text.replaceAll('\\', ''), "'")}'`,
    (text) => `# ${text.replaceAll('\n', '')}\n`,
    (text) => `-- ${text.replaceAll('\n', '')}\n`,
    (text) => `/*${text.replaceAll(/[*/!]/g, '')}*/`,
  ],
  'microsoft.sql_server': [(text) => `'${doubled(text, "'")}'`, (text) => `N'${doubled(text, "'")}'`],
  'oracle.db': [
    (text) => `'${doubled(text, "'")}'`,
    (text) => `q'{${text.replaceAll('}', '')}}'`,
    (text) => `nq'!${text.replaceAll('!', '')}!'`,
  ],
  sqlite: [(text) => `'${doubled(text, "'")}'`, (text) => `"${doubled(text, '"')}"`],
  cassandra: [
    (text) => `'${doubled(text, "'")}'`,
    (text) => `$$${text.replaceAll('$', '')}$$`,
    (text) => `// ${text.replaceAll('\n', '')}\n`,
  ],
}

const BETWEEN: Readonly<Record<string, readonly string[]>> = {
  postgresql: [
    'SELECT',
    ',',
    '$1',
    '"it\'s"',
    'a->>',
    '::text',
    '(',
    ')',
    'arr[1]',
    '`',
    '#',
    '\\',
    '1.5',
    '--\n',
    'e',
    'q',
  ],
  mysql: ['SELECT', ',', '?', '`it\'s "x`', '(', ')', '$', '5--3', '[', '\\', '1e5', '$a$', 'b'],
  'microsoft.sql_server': ['SELECT', ',', '@p1', '[it\'s "x]', '"it\'s"', '(', '#tmp', '$action', '\\', 'N', '`'],
  'oracle.db': ['SELECT', ',', ':1', '"it\'s"', '(', ')', 'v$session', '`', '[', 'q', '#', '\\'],
  sqlite: ['SELECT', ',', '?1', '[it\'s "x]', "`it's`", '(', ')', ':2', '\\', '#'],
  cassandra: ['SELECT', ',', '?', '"it\'s"', '(', ')', '{', '`', '['],
}

const SECRET = 'Sesame'

function doubled(text: string, quote: string): string {
  return text.replaceAll(quote, quote + quote)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\'"]/g, '\\$&')
}

const hostileText = fc
  .array(
    fc.constantFrom("'", '"', '\\', '$', '$$', '--', '/*', '*/', '`', ']', '[', '#', '\n', '\r', ' ', 'q', 'é', ';'),
    { maxLength: 6 },
  )
  .map((parts) => parts.join('') + SECRET + parts.toReversed().join(''))

for (const [system, ways] of Object.entries(LITERALS)) {
  test(`${system}: no literal gets through, however it is written and whatever stands between`, () => {
    const literal = fc.tuple(fc.constantFrom(...ways), hostileText).map(([way, text]) => way(text))
    const part = fc.oneof(literal, fc.constantFrom(...(BETWEEN[system] as string[])))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.constantFrom(' ', '\n', '\t'), (parts, space) => {
        const statement = parts.join(space)
        assert.ok(!sanitizeSql(statement, system).includes(SECRET), statement)
        assert.ok(!sanitizeSql(statement, 'a system that nobody knows').includes(SECRET), statement)
      }),
      { numRuns: 3000 },
    )
  })
}

test('sanitizing any text is idempotent', () => {
  const systems = fc.constantFrom(...Object.keys(LITERALS), 'other')
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'\'"$\\-/*#`[]q1. \n'), maxLength: 40 }),
  )
  fc.assert(
    fc.property(texts, systems, (text, system) => {
      const once = sanitizeSql(text, system)
      assert.ok(once.length <= text.length + 1)
      assert.doesNotMatch(
        once
          .replaceAll(/[$:@?]\d+/g, '')
          .replaceAll(/[\p{L}\p{M}_@#$][\p{L}\p{M}\p{N}_@#$]*|"[^"]*"|`[^`]*`|\[[^\]]*\]/gu, ''),
        /\d/,
      )
    }),
    { numRuns: 3000 },
  )
})

test('time grows with the length, up to a bound, whatever the text', () => {
  const parts = [
    '-- \r',
    '(?',
    '(?,',
    "'",
    '"',
    '/*',
    '-- ',
    '$$',
    'IN (?, ',
    '1',
    "q'[",
    "\\'",
    '--',
    '`',
    '[',
    '?,',
    '(?,?),',
    'a',
    '  ',
  ]
  for (const part of parts) {
    const text = part.repeat(100_000)
    const before = process.cpuUsage()
    sanitizeSql(text, 'postgresql')
    sanitizeSql(text, 'mysql')
    sanitizeSql(text, '')
    const { user, system } = process.cpuUsage(before)
    assert.ok(user + system < 500_000, `${part}: ${user + system} µs`)
  }
})
