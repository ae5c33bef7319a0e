import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetOf } from '../../../../src/instrumentation/http/client-target.ts'

const HTTP = { scheme: 'http', host: 'shop.test', port: 80 }
const OTHER = { scheme: 'http', host: '[::1]', port: 3000 }
const HTTPS = { scheme: 'https', host: 'shop.test', port: 443 }

const targets: readonly (readonly [string, typeof HTTP, method: string, path: string, url: string, at: string])[] = [
  ['a path', HTTP, 'GET', '/a?b=c', 'http://shop.test/a?b=c', 'shop.test 80'],
  ['the default port of https', HTTPS, 'GET', '/', 'https://shop.test/', 'shop.test 443'],
  ['an IPv6 address', OTHER, 'GET', '/', 'http://[::1]:3000/', '::1 3000'],
  ['another port than the default', { ...HTTPS, port: 80 }, 'GET', '/', 'https://shop.test:80/', 'shop.test 80'],
  ['the whole server', HTTP, 'OPTIONS', '*', 'http://shop.test', 'shop.test 80'],
  ['an absolute URL, to a proxy', OTHER, 'GET', 'http://u:p@shop.test:81/x', 'http://shop.test:81/x', 'shop.test 81'],
  ['an absolute URL of https', OTHER, 'GET', 'https://[::2]/x?y', 'https://[::2]/x?y', '::2 443'],
  ['CONNECT', HTTP, 'CONNECT', 'db.test:5432', 'http://db.test:5432', 'db.test 5432'],
  ['CONNECT without an authority', HTTP, 'CONNECT', '/', 'http://shop.test/', 'shop.test 80'],
  ['a path without its slash', HTTP, 'GET', 'a', 'http://shop.test/a', 'shop.test 80'],
]

for (const [what, asked, method, path, url, at] of targets) {
  test(`where a request goes: ${what}`, () => {
    const target = targetOf(asked, method, path)
    assert.equal(target.url, url)
    assert.equal(`${target.address} ${target.port}`, at)
  })
}
