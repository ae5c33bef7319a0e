import assert from 'node:assert/strict'
import { request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { makeCertificates } from '../../support/certificates.ts'
import { eventually } from '../../support/eventually.ts'
import { httpGet } from '../../support/scrape.ts'
import { oneGauge, opened, openUnawaited, rawClient } from '../../support/opened-side-port.ts'

const basicAuth = { user: 'scraper', passwordHash: bcrypt.hashSync('pass:wörd', 4) }

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

test('basic authentication', async (t) => {
  const { url } = await opened(t, { basicAuth })
  const without = await httpGet(`${url}/metrics`)
  assert.equal(without.status, 401)
  assert.equal(without.headers['www-authenticate'], 'Basic realm="metrics", charset="UTF-8"')
  assert.equal((await httpGet(`${url}/metrics`, basic('scraper', 'pass:wörd'))).status, 200)
  for (const wrong of [basic('scraper', 'no'), basic('other', 'pass:wörd'), { authorization: 'Basic !!!' }]) {
    assert.equal((await httpGet(`${url}/metrics`, wrong)).status, 401)
    // Wrong passwords are slowed down; the right one, once known, is not.
    assert.equal((await httpGet(`${url}/metrics`, wrong)).status, 401, 'known by now, and free')
    assert.equal((await httpGet(`${url}/metrics`, basic('scraper', 'pass:wörd'))).status, 200)
  }
  assert.equal((await httpGet(url)).status, 401)
})

test('bearer token, alone and with basic authentication', async (t) => {
  const { url } = await opened(t, { bearerToken: 't0ken' })
  assert.equal((await httpGet(`${url}/metrics`, { authorization: 'Bearer t0ken' })).status, 200)
  assert.equal((await httpGet(`${url}/metrics`, { authorization: 'bearer t0ken' })).status, 200)
  for (const authorization of ['Bearer t0ken2', 'Bearer t0ke', 'Bearer ', 'Bearer', '', 'Basic t0ken', 't0ken']) {
    const refused = await httpGet(`${url}/metrics`, { authorization })
    assert.deepEqual([refused.status, refused.headers['www-authenticate']], [401, 'Bearer'], authorization)
  }
  const both = await opened(t, { bearerToken: 't0ken', basicAuth })
  assert.equal((await httpGet(`${both.url}/metrics`, { authorization: 'Bearer t0ken' })).status, 200)
  assert.equal((await httpGet(`${both.url}/metrics`, basic('scraper', 'pass:wörd'))).status, 200)
})

function scrapeWith(header: string): string {
  return `GET /metrics HTTP/1.1\r\nhost: localhost\r\n${header}\r\n`
}

for (const [title, header] of [
  ['no credentials', ''],
  ['a wrong token', 'authorization: Bearer wrong\r\n'],
  ['a wrong password', `authorization: ${basic('scraper', 'no')['authorization']}\r\n`],
] as const) {
  test(`the connection is closed after ${title}, and kept after a scrape`, async (t) => {
    const { port } = await opened(t, { bearerToken: 't0ken', basicAuth })
    const refused = rawClient(t, port, scrapeWith(header))
    await refused.closed
    assert.match(refused.received(), /^HTTP\/1\.1 401 [^]*\r\nconnection: close\r\n/i)
    const accepted = rawClient(t, port, scrapeWith('authorization: Bearer t0ken\r\n'))
    await eventually(() => assert.match(accepted.received(), /^HTTP\/1\.1 200 [^]*\r\nconnection: keep-alive\r\n/i))
  })
}

test('probes need no credentials', async (t) => {
  const { url } = await opened(t, { bearerToken: 't0ken', basicAuth })
  for (const path of ['/healthz', '/readyz']) assert.equal((await httpGet(url + path)).status, 200)
})

test('an invalid hash denies access and does not crash', async (t) => {
  const { url } = await opened(t, { basicAuth: { user: 'scraper', passwordHash: 'not a hash' } })
  assert.notEqual((await httpGet(`${url}/metrics`, basic('scraper', 'x'))).status, 200)
  assert.equal((await httpGet(`${url}/readyz`)).status, 200)
})

test('TLS, on both loopback addresses', async (t) => {
  const files = makeCertificates(t)
  const tls = {
    certificateFile: files.serverCertificateFile,
    keyFile: files.serverKeyFile,
    clientCaFile: undefined,
  }
  const { port } = await opened(t, { tls })
  const ca = readFileSync(files.caFile)
  assert.deepEqual(await httpsGet(port, { ca }), [200, 'ok\n'])
  await assert.rejects(httpsGet(port, {}), /certificate/)
  const plain = rawClient(t, port, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  assert.ok((await plain.closed) < 4000)
  assert.doesNotMatch(plain.received(), /200/)
})

test('TLS with a client authority lets in only its clients', async (t) => {
  const files = makeCertificates(t)
  const tls = {
    certificateFile: files.serverCertificateFile,
    keyFile: files.serverKeyFile,
    clientCaFile: files.caFile,
  }
  const { port } = await opened(t, { tls })
  const ca = readFileSync(files.caFile)
  const cert = readFileSync(files.clientCertificateFile)
  const key = readFileSync(files.clientKeyFile)
  assert.deepEqual(await httpsGet(port, { ca, cert, key }), [200, 'ok\n'])
  await assert.rejects(httpsGet(port, { ca }))
})

test('a silent TLS client is cut off, and close() does not wait for it', async (t) => {
  const files = makeCertificates(t)
  const tls = {
    certificateFile: files.serverCertificateFile,
    keyFile: files.serverKeyFile,
    clientCaFile: undefined,
  }
  const { port, server } = await opened(t, { tls })
  const silent = rawClient(t, port)
  assert.ok((await silent.closed) < 30_000)
  const late = rawClient(t, port)
  await once(late.socket, 'connect')
  server.close()
  await late.closed
})

test('a certificate that cannot be read: the reason names the file', () => {
  const tls = { certificateFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem', clientCaFile: undefined }
  assert.throws(() => openUnawaited({ tls }, oneGauge), /\/nowhere\/cert\.pem/)
})

function httpsGet(port: number, options: RequestOptions): Promise<[status: number | undefined, body: string]> {
  return new Promise((resolve, reject) => {
    const call = request({ host: 'localhost', port, path: '/readyz', agent: false, ...options }, (response) => {
      let body = ''
      response.on('data', (data: Buffer) => (body += data.toString()))
      response.on('end', () => resolve([response.statusCode, body]))
    })
    call.on('error', reject).end()
  })
}
