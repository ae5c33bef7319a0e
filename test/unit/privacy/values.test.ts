import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sanitizeDatabaseError } from '../../../src/privacy/database-errors.ts'
import { scrubHeader } from '../../../src/privacy/headers.ts'
import { sanitizeRedis } from '../../../src/privacy/redis-sanitizer.ts'
import { scrubPath, scrubQuery, scrubUrl } from '../../../src/privacy/urls.ts'

type Case = readonly [input: string, output: string]

const URLS: readonly Case[] = [
  ['http://shop/a?q=x&page=2', 'http://shop/a?q=REDACTED&page=REDACTED'],
  ['http://shop/a', 'http://shop/a'],
  ['/a?q=x', '/a?q=REDACTED'],
  ['http://user:pass@shop:1/a', 'http://REDACTED:REDACTED@shop:1/a'],
  ['http://token@shop?x=1', 'http://REDACTED:REDACTED@shop?x=REDACTED'],
  ['http://a@b@shop/', 'http://REDACTED:REDACTED@shop/'],
  ['amqps://guest:guest@mq/vhost', 'amqps://REDACTED:REDACTED@mq/vhost'],
  ['//user:pass@shop/a', '//REDACTED:REDACTED@shop/a'],
  ['http://shop/@scope/name', 'http://shop/@scope/name'],
  ['http://shop\\@x/a', 'http://shop\\@x/a'],
  ['http://shop/a#access_token=x', 'http://shop/a#REDACTED'],
  ['http://shop/a?b=c#d?e=f', 'http://shop/a?b=REDACTED#REDACTED'],
  ['http://shop/a;jsessionid=1/b', 'http://shop/a;jsessionid=REDACTED/b'],
  ['http://shop/?', 'http://shop/?'],
  ['http://shop/users/a@b.example', 'http://shop/users/a@b.example'],
  // What clients and servers record if the path of a request is another URL, or if nobody encoded the password.
  ['http://h//usr:PW@i/', 'http://h//REDACTED:REDACTED@i/'],
  ['http://h/http:usr:PW@i/', 'http://h/http:REDACTED:REDACTED@i/'],
  ['http://h/http:/usr:PW@i/', 'http://h/http:/REDACTED:REDACTED@i/'],
  ['http://h/http:///usr:PW@i/', 'http://h/http:///REDACTED:REDACTED@i/'],
  ['http://h/http:\\\\usr:PW@i/', 'http://h/http:\\\\REDACTED:REDACTED@i/'],
  ['http://h/ftp://usr:PW@i/x', 'http://h/ftp://REDACTED:REDACTED@i/x'],
  ['http://h/http://u@b:PW@i/', 'http://h/http://REDACTED:REDACTED@i/'],
  ['http://h/http://u:a/PW@i/', 'http://h/http://REDACTED:REDACTED@i/'],
  ['http://h/http://u:PW#z@i/', 'http://h/http://REDACTED:REDACTED@'],
  ['http://h/http://u:PW?z@i/', 'http://h/http://REDACTED:REDACTED@'],
  ['http://h/http:a:b@c/?q=x', 'http://h/http:REDACTED:REDACTED@c/?q=REDACTED'],
  ['http://h:x/?q@=SECRET', 'http://REDACTED:REDACTED@'],
  ['http://u:p@h/?q=a@b&r=http://c:d@e', 'http://REDACTED:REDACTED@h/?q=REDACTED&r=REDACTED'],
  ['/http://usr:PW@i:99999999/?a=b', '/http://REDACTED:REDACTED@i:99999999/?a=REDACTED'],
  ['jdbc:mysql://usr:P/W@i/db', 'jdbc:mysql://REDACTED:REDACTED@i/db'],
]

for (const [url, scrubbed] of URLS) {
  test(`URL ${url}`, () => {
    assert.equal(scrubUrl(url, false), scrubbed)
    assert.equal(scrubUrl(scrubbed, false), scrubbed)
  })
}

const QUERIES: readonly Case[] = [
  ['a=1&b=2', 'a=REDACTED&b=REDACTED'],
  ['?a=1=2', '?a=REDACTED'],
  ['?justthis', '?REDACTED'],
  ['?q=&page=&', '?REDACTED&REDACTED&'],
  ['?c2VjcmV0LXRva2VuLW9mLWE=', '?REDACTED'],
  ['?dG9rZW4tMQ==', '?REDACTED'],
  ['?&&a[b]=c', '?&&a[b]=REDACTED'],
  ['', ''],
]

for (const [query, scrubbed] of QUERIES) {
  test(`query ${query}`, () => assert.equal(scrubQuery(query, false), scrubbed))
}

test('credentials stay hidden in a query that OBS_CAPTURE allows', () => {
  assert.equal(
    scrubUrl('https://u:p@s3/a?q=x&X-Amz-Signature=1&access_token=2&apiKey=3&sig=4#part', true),
    'https://REDACTED:REDACTED@s3/a?q=x&X-Amz-Signature=REDACTED&access_token=REDACTED&apiKey=REDACTED&sig=REDACTED#part',
  )
  assert.equal(scrubPath('/a;v=1;jsessionid=2', true), '/a;v=1;jsessionid=REDACTED')
})

test('no value of any query and no user information is exported', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'?&=;#/@:%+[]ab '), maxLength: 8 })
  fc.assert(
    fc.property(noise, noise, noise, fc.boolean(), (before, between, after, inUser) => {
      const host = before.replaceAll(/[?#@]/g, '')
      const url = inUser
        ? `http://${between.replaceAll(/[/?#]/g, '')}Sesame:x@host/${after}`
        : `http://${host}/?x${between.replaceAll('&', '')}=Sesame${after}`
      assert.ok(!scrubUrl(url, false).includes('Sesame'), url)
    }),
    { numRuns: 3000 },
  )
})

const COMMANDS: readonly Case[] = [
  ['get session:1', 'get session:1'],
  ['SET k secret', 'SET k ?'],
  ['SET k [1 other arguments]', 'SET k ?'],
  ['set  secret', 'set  ?'],
  ['HMSET k f1 v1 f2 v2', 'HMSET k ?'],
  ['MSET a 1 b 2', 'MSET a ?'],
  ['DEL a b c', 'DEL a b c'],
  ['SMOVE a b secret', 'SMOVE a b ?'],
  ['EVAL return 1 1 k secret', 'EVAL ?'],
  ['AUTH user secret', 'AUTH ?'],
  ['HELLO 3 AUTH user secret', 'HELLO ?'],
  ['CONFIG SET requirepass secret', 'CONFIG SET ?'],
  ['CONFIG GET', 'CONFIG GET'],
  ['ACL sec,ret x', 'ACL ?'],
  ['XADD s * field secret', 'XADD s ?'],
  ['FT.SEARCH idx @mail:{bob}', 'FT.SEARCH ?'],
  ['ping', 'ping'],
  ['', ''],
]

for (const [command, sanitized] of COMMANDS) {
  test(`Redis: ${command}`, () => {
    assert.equal(sanitizeRedis(command), sanitized)
    assert.equal(sanitizeRedis(sanitized), sanitized)
  })
}

test('headers that carry credentials are hidden, URLs in them lose their query', () => {
  for (const name of [
    'authorization',
    'Proxy_Authorization',
    'cookie',
    'set-cookie',
    'x-api-key',
    'x-auth-token',
    'x_csrf_token',
  ]) {
    assert.deepEqual(scrubHeader(name, ['a', 'b'], false), ['REDACTED', 'REDACTED'], name)
    assert.equal(scrubHeader(name, 'a', true), 'REDACTED', name)
  }
  assert.deepEqual(scrubHeader('referer', ['http://a/?b=c'], false), ['http://a/?b=REDACTED'])
  assert.equal(scrubHeader('location', 'http://a/?b=c', true), 'http://a/?b=c')
  for (const name of ['x-tenant', 'content-type', 'author', 'accept']) assert.equal(scrubHeader(name, 'v', false), 'v')
})

const STATEMENT = 'INSERT INTO users (email) VALUES (?)'
const ERRORS: readonly Case[] = [
  ["Duplicate entry 'bob@example.com' for key 'users.email'", "Duplicate entry ? for key 'users.email'"],
  ["Duplicate entry 'it's' for key 'users.email'", 'Duplicate entry ?'],
  ['relation "users" does not exist', 'relation "users" does not exist'],
  ['invalid input syntax for type integer: "bob"', 'invalid input syntax for type integer: ?'],
  ["near ''bob@example.com' and' at line 1", 'near ?'],
  ['The duplicate key value is (bob@example.com).', 'The duplicate key value is ?.'],
  ['E11000 duplicate key: { email: "bob@example.com" }', 'E11000 duplicate key: ?'],
  ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ["Table 'users' doesn't exist", "Table 'users' doesn't exist"],
  ['doppelter Schlüsselwert verletzt Unique-Constraint »kunden_key«', '?'],
  ['ungültige Eingabesyntax für Typ integer: »bob«', '? integer: ?'],
  ['syntaxe en entrée invalide pour le type integer : « bob »', '? type integer : ?'],
  ['invalid input syntax for type integer: “bob smith”', 'invalid input syntax for type integer: ?'],
  ['sintaxis de entrada no válida para tipo integer: «bob', '? no ? integer: ?'],
  ['"integer"型の入力構文が不正です: 「bob」', '?'],
  ['customer bob@example.com owes 500 since 2024-01-02', '? since ?'],
  [
    "PostgreSQL error of type 'error' occurred (code: 23505)",
    "PostgreSQL error of type 'error' occurred (code: 23505)",
  ],
  [
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'WRONGTYPE Operation against a key holding the wrong kind of value',
  ],
  ['getaddrinfo ENOTFOUND db.internal', '? ENOTFOUND db.internal'],
  ['ORA-00942: table or view does not exist', 'ORA-00942: table or view does not exist'],
  [
    'SQLITE_CONSTRAINT: UNIQUE constraint failed: users.email',
    'SQLITE_CONSTRAINT: UNIQUE constraint failed: users.email',
  ],
]

for (const [message, sanitized] of ERRORS) {
  test(`error: ${message}`, () => assert.equal(sanitizeDatabaseError(message, STATEMENT), sanitized))
}

test('an error of any text keeps no word that is neither of databases nor of the statement', () => {
  const quotes = [...'\'"`«»„“”‘’‚‹›「」()[]{}']
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...quotes, ' ', ': ', 'key ', "isn't ", 'bob', 'Smith42', '0815'), { maxLength: 40 }),
      (parts) => {
        assert.doesNotMatch(sanitizeDatabaseError(parts.join(''), STATEMENT), /bob|Smith|0815/)
      },
    ),
  )
})

test('any error message can be sanitized', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'\'"`(){}[] ab.$\\*') }), (text) => {
      assert.equal(typeof sanitizeDatabaseError(text, text), 'string')
    }),
  )
})
