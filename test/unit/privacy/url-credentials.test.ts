import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AttributeRules } from '../../../src/privacy/attributes.ts'
import { scrubUrlsIn } from '../../../src/privacy/url-credentials.ts'

const HIDDEN: readonly (readonly [text: string, scrubbed: string])[] = [
  ['credentials: http://usr:PW@h/', 'credentials: http://REDACTED:REDACTED@h/'],
  ['a http://u:p@h/ and https://x:y@z/q', 'a http://REDACTED:REDACTED@h/ and https://REDACTED:REDACTED@z/q'],
  ['postgres://usr:PW@host:99999/db', 'postgres://REDACTED:REDACTED@host:99999/db'],
  ['http://usr:P/W@h/', 'http://REDACTED:REDACTED@h/'],
  ['fetch failed //usr:PW@db.example/x', 'fetch failed //REDACTED:REDACTED@db.example/x'],
  ['Invalid URL http:/\\usr:PW@[bad', 'Invalid URL http:/\\REDACTED:REDACTED@[bad'],
  ['http:\\\\usr:PW@h', 'http:\\\\REDACTED:REDACTED@h'],
  ['Invalid URL http://usr:P W@h/', 'Invalid URL http://REDACTED:REDACTED@h/'],
]

const KEPT: readonly string[] = [
  'see http://example.com:8080 and mail me@x.com',
  'see http://example.com/a and mail me@x.com',
  '// a comment by user@example.com',
  'C:\\\\Users\\me@x',
  'plain://host/path, and me@x',
  'http://[::1]:80/ a@b',
]

for (const [text, scrubbed] of HIDDEN) {
  test(`credentials are hidden: ${text}`, () => assert.equal(scrubUrlsIn(text), scrubbed))
}
for (const text of KEPT) {
  test(`there are no credentials: ${text}`, () => assert.equal(scrubUrlsIn(text), text))
}

test('credentials in the address of a bot are hidden, and its name stays', () => {
  const attributes = { 'user_agent.original': 'bot/1.0 (+http://u:PW@bot.example/)' }
  new AttributeRules(new Set()).apply(attributes, () => true, false)
  assert.deepEqual(attributes, { 'user_agent.original': 'bot/1.0 (+http://REDACTED:REDACTED@bot.example/)' })
})
