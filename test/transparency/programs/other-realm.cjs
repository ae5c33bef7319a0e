'use strict'
// runs: with the whole matrix
// Arguments that were made in another realm, as in test runners: arrays, errors, promises and URLs that are no instances of ours.
const { once } = require('node:events')
const http = require('node:http')
const vm = require('node:vm')
const { say, attempt } = require('../say.cjs')

const make = (code) => vm.runInNewContext(code, { URL: undefined })
const answer = (asked) =>
  new Promise((resolve) => {
    asked.on('error', (error) => resolve(error.code))
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve([response.statusCode, text]))
    })
  })
const main = async () => {
  const server = http.createServer((request, response) => {
    const { host, traceparent, ...headers } = request.headers
    response.end(JSON.stringify([request.method, request.url, headers]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const calls = {
    options: () => http.get(make(`({ host: '127.0.0.1', port: ${port}, path: '/options', agent: false })`)),
    'headers in an array': () =>
      http.get(make(`({ host: '127.0.0.1', port: ${port}, agent: false, headers: ['x-a', '1', 'x-b', '2'] })`)),
    'headers with arrays': () =>
      http.get(make(`({ host: '127.0.0.1', port: ${port}, agent: false, headers: { 'x-a': ['1', '2'] } })`)),
    'without a prototype': () =>
      http.get(Object.assign(Object.create(null), { host: '127.0.0.1', port, agent: false, path: '/bare' })),
    'a string object': () => http.get(make(`new String('http://127.0.0.1:${port}/')`)),
    'like a URL': () =>
      http.get(
        make(`({ href: 'http://127.0.0.1:${port}/x', hostname: '127.0.0.1', port: '${port}', protocol: 'http:' })`),
      ),
    'by a getter': () =>
      http.get(make(`({ get host() { return '127.0.0.1' }, get port() { return ${port} }, agent: false })`)),
    'by a proxy': () =>
      http.get(new Proxy({ host: '127.0.0.1', port, agent: false }, { set: () => false, defineProperty: () => false })),
  }
  for (const [name, call] of Object.entries(calls)) await attempt(name, () => answer(call()))
  const throwing = http.createServer((request, response) => {
    response.end('null')
    const thrown = make(`new RangeError('of another realm')`)
    process.nextTick(() => {
      throw thrown
    })
  })
  process.on('uncaughtException', (error) => say('uncaught', error.message, error instanceof Error))
  throwing.listen(0, '127.0.0.1')
  await once(throwing, 'listening')
  await attempt('a thrown one', () =>
    answer(http.get({ host: '127.0.0.1', port: throwing.address().port, agent: false })),
  )
  const rejected = make(`Promise.reject(new Error('rejected there'))`)
  await attempt('a promise', () => rejected)
  server.close()
  throwing.close()
}
main()
