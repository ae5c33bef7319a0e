import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AttributeRules } from '../../../src/privacy/attribute-rules.ts'
import { scrubUrlsIn } from '../../../src/privacy/urls-in-text.ts'

const HIDDEN: readonly (readonly [text: string, scrubbed: string])[] = [
  ['credentials: http://usr:PW@h/', 'credentials: http://REDACTED:REDACTED@h/'],
  ['a http://u:p@h/ and https://x:y@z/q', 'a http://REDACTED:REDACTED@h/ and https://REDACTED:REDACTED@z/q'],
  ['postgres://usr:PW@host:99999/db', 'postgres://REDACTED:REDACTED@host:99999/db'],
  ['http://usr:P/W@h/', 'http://REDACTED:REDACTED@h/'],
  ['fetch failed //usr:PW@db.example/x', 'fetch failed //REDACTED:REDACTED@db.example/x'],
  ['Invalid URL http:/\\usr:PW@[bad', 'Invalid URL http:/\\REDACTED:REDACTED@[bad'],
  ['http:\\\\usr:PW@h', 'http:\\\\REDACTED:REDACTED@h'],
  ['Invalid URL http://usr:P W@h/', 'Invalid URL http://REDACTED:REDACTED@h/'],
  // Parsers of URLs find the authority in each of these.
  ['http:usr:PW@h/x', 'http:REDACTED:REDACTED@h/x'],
  ['https:TOKEN@h/x', 'https:REDACTED:REDACTED@h/x'],
  ['http:/usr:PW@h', 'http:/REDACTED:REDACTED@h'],
  ['http:\\usr:PW@h', 'http:\\REDACTED:REDACTED@h'],
  ['http:////usr:PW@h', 'http:////REDACTED:REDACTED@h'],
  ['{"url":"http:\\/\\/usr:PW@h"}', '{"url":"http:\\/\\/REDACTED:REDACTED@h"}'],
  ['other:usr:PW@h', 'other:REDACTED:REDACTED@h'],
  ['proxy http://a/http://usr:PW@h', 'proxy http://a/http://REDACTED:REDACTED@h'],
  [
    'Failed to parse URL from svc_user:PW@api.internal/v1',
    'Failed to parse URL from REDACTED:REDACTED@api.internal/v1',
  ],
  // Node.js repeats what it cannot parse, up to the end of its message, whatever characters that contains.
  ...[...' "\'`\t\n<>(),'].flatMap((each) =>
    ['', '\n    at f (node:internal:1:2)'].map(
      (stack) =>
        [
          `TypeError: Failed to parse URL from http://us${each}er:a b PW@h:99999/${stack}`,
          `TypeError: Failed to parse URL from http://REDACTED:REDACTED@h:99999/${stack}`,
        ] as const,
    ),
  ),
  ['Failed to parse URL from http://h:99999/?a=b SECRET', 'Failed to parse URL from http://h:99999/?REDACTED'],
  [
    'Failed to parse URL from http://h:99999/?a b=SECRET\n    at f',
    'Failed to parse URL from http://h:99999/?REDACTED\n    at f',
  ],
  ['HTTP:\\\\h/?SECRET', 'HTTP:\\\\h/?REDACTED'],
  // Characters of a password that nobody encoded.
  ['{"url":"http://usr:P\\"W@h"}', '{"url":"http://REDACTED:REDACTED@h"}'],
  ...[...'"\'`<>()\t\n #?/\\'].map(
    (each) => [`to http://usr:P${each}W@h/x`, 'to http://REDACTED:REDACTED@h/x'] as const,
  ),
  ['http://usr:1#PW@h', 'http://REDACTED:REDACTED@h'],
  ['http://us@er.example:PW@h', 'http://REDACTED:REDACTED@h'],
  ['http://us@er.example:P/W@h', 'http://REDACTED:REDACTED@h'],
  ['http://u:p@host/@scope/x', 'http://REDACTED:REDACTED@host/@scope/x'],
  // Queries.
  ['GET https://h/p?token=SECRET failed', 'GET https://h/p?token=REDACTED failed'],
  ["Cannot GET /search?q=O'Brien&page=2", 'Cannot GET /search?q=REDACTED&page=REDACTED'],
  ["{ url: 'https://h/p?q=x', method: 'GET' }", "{ url: 'https://h/p?q=REDACTED', method: 'GET' }"],
  ['{"url":"/p?q=(x)","a":1}', '{"url":"/p?q=REDACTED","a":1}'],
  ['see (https://h/p?q=x) or https://h/?SECRET', 'see (https://h/p?q=REDACTED) or https://h/?REDACTED'],
  ['https://h/cb#access_token=SECRET&x=1', 'https://h/cb#REDACTED'],
  ['https://h/cb?a=1#access_token=SECRET', 'https://h/cb?a=REDACTED#REDACTED'],
  [
    'Error: x\n    at f (http://localhost:5173/p.js?t=17:10:5)\n    at http://localhost/q.js?t=17:1:2',
    'Error: x\n    at f (http://localhost:5173/p.js?t=REDACTED:10:5)\n    at http://localhost/q.js?t=REDACTED:1:2',
  ],
]

const KEPT: readonly string[] = [
  'see http://example.com:8080 and mail me@x.com',
  'see http://example.com/a and mail me@x.com',
  '// a comment by user@example.com',
  'C:\\\\Users\\me@x',
  'plain://host/path, and me@x',
  'http://[::1]:80/ a@b',
  'mailto:bob@example.com, npm:react@18.0.0, nginx:1.25@sha256:abc, git@github.com:a/b.git',
  'error: to: bob@example.com',
  'User: arn:aws:iam::123:user/bob@example.com is not authorized',
  'at f (file:///app/node_modules/.pnpm/pg@8.1.0/node_modules/@a/b.js:10:5)',
  'at f (C:\\app\\node_modules\\.pnpm\\pg@8.1.0\\x.js:10:5)',
  'at f (file:///app/x.mjs?update=17:10:5)',
  'at f (webpack://shop/./app.mjs?3f5a:10:5)',
  'at eval (webpack-internal:///./app.mjs?3f5a=1:10:5)',
  'GET https://registry.npmjs.org/@scope/pkg and http://localhost:4873/@scope%2fpkg',
  'see https://nodejs.org/api/errors.html#err_invalid_url',
  'route /users/:id? is not there; did you mean WHERE a = ? AND b = ?',
]

for (const [text, scrubbed] of HIDDEN) {
  test(`hidden: ${JSON.stringify(text)}`, () => assert.equal(scrubUrlsIn(text), scrubbed))
}
for (const text of KEPT) {
  test(`kept: ${JSON.stringify(text)}`, () => assert.equal(scrubUrlsIn(text), text))
}

test('scrubbing is idempotent', () => {
  for (const [, scrubbed] of HIDDEN) assert.equal(scrubUrlsIn(scrubbed), scrubbed)
})

test('if queries are allowed, credentials in them stay hidden', () => {
  const text = 'GET https://usr:PW@h/p?q=shown&token=SECRET'
  assert.equal(scrubUrlsIn(text, true), 'GET https://REDACTED:REDACTED@h/p?q=shown&token=REDACTED')
})

test('wherever the parser of URLs finds a password in a text, it is hidden there', () => {
  const piece = fc.string({ unit: fc.constantFrom(...'a1:/\\?# %.~-_\'"()<>[]\t\n'), maxLength: 8 })
  const name = fc.string({ unit: fc.constantFrom(...'a1.%-_~@'), maxLength: 8 })
  const scheme = fc.constantFrom('http:', 'https:', 'ws:', 'ftp:', 'HTTP:', 'foo:')
  const slashes = fc.constantFrom('', '/', '//', '\\', '\\\\', '/\\', '////')
  fc.assert(
    fc.property(scheme, slashes, name, piece, piece, (of, between, user, before, after) => {
      const url = `${of}${between}${user}:${before}pl4nt${after}@host/`
      const parsed = URL.parse(url)
      fc.pre(parsed?.password.includes('pl4nt') === true)
      // `http://host:80` in a text that has an address of mail behind it looks the same.
      fc.pre(!/(?:^|:)\d{0,5}["'`<>()\s\\]/.test(`${before}pl4nt${after}`))
      assert.doesNotMatch(scrubUrlsIn(`Failed: ${url} is no good`), /pl4nt/, url)
    }),
    { numRuns: 500 },
  )
})

test("credentials and queries in a bot's address are hidden, and its name is kept", () => {
  const attributes = { 'user_agent.original': 'bot/1.0 (+http://u:PW@bot.example/?id=SECRET)' }
  new AttributeRules(new Set()).apply(attributes, () => true, false)
  assert.deepEqual(attributes, {
    'user_agent.original': 'bot/1.0 (+http://REDACTED:REDACTED@bot.example/?id=REDACTED)',
  })
})
