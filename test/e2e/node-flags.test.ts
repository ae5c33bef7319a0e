import { describe, test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { edgeNodeVersions } from '../support/matrix.ts'

/** Flags that change what a program may do; two packages with instrumentations and a request have to work as bare. */
const FLAGS: readonly (readonly string[])[] = [
  ['--frozen-intrinsics'],
  ['--disable-proto=delete'],
  ['--disable-proto=throw'],
  ['--disallow-code-generation-from-strings'],
  ['--experimental-vm-modules'],
  ['--jitless'],
]

const MODULE = `
import { Redis } from 'ioredis'
import pg, { Client } from 'pg'
import http from 'node:http'
console.log(typeof Redis, typeof Client, typeof pg.Pool)
const server = http.createServer((request, response) => response.end('ok'))
server.listen(0, '127.0.0.1', () => http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
  console.log(response.statusCode)
  response.resume()
  response.on('end', () => server.close())
}))`

const FILES = `
const http = require('node:http')
const fs = require('node:fs')
const server = http.createServer((request, response) => response.end(fs.readFileSync(__filename)))
server.listen(0, '127.0.0.1', () => http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
  console.log(response.statusCode)
  response.resume()
  response.on('end', () => server.close())
}))`

describe('flags of node and instrumentations of its files and sockets', { concurrency: 2 }, () => {
  for (const { label, execPath } of edgeNodeVersions()) {
    if (label === '22') continue
    for (const flags of FLAGS) {
      // Node 22.15's own fetch needs WebAssembly, which this program would end for want of.
      if (flags[0] === '--jitless' && label === '22.15') continue
      const isCommonJsOnly =
        flags[0] === '--jitless' || (flags[0] === '--disallow-code-generation-from-strings' && label === '22.15')
      const says = isCommonJsOnly ? [new RegExp(`ES modules are not instrumented, only CommonJS: .*${flags[0]}`)] : []
      test(`${flags.join(' ')} (Node ${label})`, (t) =>
        asBare(t, { source: MODULE, format: 'mjs', nodeArgs: ['--no-warnings', ...flags], says, spans: 2, execPath }))
    }
    test(`fs, net and dns are traced, what telemetry does with them is not (Node ${label})`, (t) =>
      asBare(t, { source: FILES, env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,fs,net,dns' }, spans: 3, execPath }))
  }
})
