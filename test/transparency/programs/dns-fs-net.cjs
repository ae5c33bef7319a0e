// covers: dns, fs, net
// differs: listeners -- net is on request, and listens to what ends its span
// env: OTEL_NODE_ENABLED_INSTRUMENTATIONS=http,dns,fs,net
const { say, attempt } = require('../say.cjs')
const dns = require('node:dns')
const dnsPromises = require('dns/promises')
const fs = require('node:fs')
const fsPromises = require('fs/promises')
const net = require('node:net')
const { promisify } = require('node:util')

async function main() {
  say(
    'dns',
    dns.lookup,
    dns.lookupService,
    dns.promises.lookup,
    dns.promises === dnsPromises,
    Object.keys(dns).toSorted(),
  )
  const options = Object.freeze({ family: 4, all: true })
  await attempt(
    'callback',
    () =>
      new Promise((resolve) => say('returned', typeof dns.lookup('localhost', options, (...given) => resolve(given)))),
  )
  await attempt(
    'no options',
    () =>
      new Promise((resolve) =>
        dns.lookup('127.0.0.1', function called(...given) {
          resolve(given)
        }),
      ),
  )
  await attempt('promise', () => dnsPromises.lookup('127.0.0.1'))
  await attempt('promisified', () => promisify(dns.lookup)('127.0.0.1'))
  await attempt('rejected', async function repository() {
    return await dnsPromises
      .lookup('does.not.exist.invalid')
      .catch(({ code, syscall, hostname }) => [code === 'ENOTFOUND' || code === 'EAI_AGAIN', syscall, hostname])
  })
  await attempt('no name', () => dnsPromises.lookup({}))
  await attempt('no callback', () => dns.lookup('localhost'))
  await attempt('wrong family', () => dnsPromises.lookup('localhost', { family: 9 }))
  say('fs', fs.readFile, fs.readFileSync, fs.exists, fs.promises.readFile, fs.realpath, fs.promises === fsPromises)
  say('own properties', Object.keys(fs.realpath), Object.keys(fs.exists), promisify.custom in fs.exists)
  await attempt('read', () => fsPromises.readFile(__filename, 'utf8').then(({ length }) => length > 10))
  await attempt('promisified exists', () => promisify(fs.exists)(__filename))
  await attempt('no file', async function repository() {
    return await fsPromises.readFile('/no/such/file')
  })
  await attempt('no file, synchronous', () => fs.readFileSync('/no/such/file'))
  await attempt(
    'no file, callback',
    () => new Promise((resolve) => fs.readFile('/no/such/file', (error) => resolve(error))),
  )
  await attempt('no callback', () => fs.readFile(__filename))
  await attempt('no path', () => fsPromises.readFile())
  say('net', net.connect, net.Socket.prototype.connect, net.createConnection === net.connect)
  const server = net.createServer((socket) => socket.end('hello'))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  await attempt(
    'connected',
    () =>
      new Promise((resolve) => {
        const socket = net.connect(Object.freeze({ port: server.address().port, host: '127.0.0.1' }))
        say(
          'listeners',
          socket.eventNames().map(String),
          socket.listenerCount('error'),
          socket.listenerCount('connect'),
        )
        socket.on('data', (data) => resolve(String(data)))
      }),
  )
  server.close()
  await attempt(
    'refused',
    () => new Promise((resolve) => net.connect(1, '127.0.0.1').on('error', ({ code }) => resolve(code))),
  )
  await attempt('wrong port', () => net.connect({ port: 99_999 }))
}
void main()
