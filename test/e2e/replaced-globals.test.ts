import { describe, test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { edgeNodeVersions, rowsOn } from '../support/matrix.ts'

/** What apps, polyfills and tests do to globals; three requests follow, which have to be answered as bare and exported. */
const REPLACED: Readonly<Record<string, string>> = {
  'timers that return a number': `
    let n = 0
    globalThis.setTimeout = (...args) => (real.setTimeout(...args), ++n)
    globalThis.setImmediate = (...args) => (real.setImmediate(...args), ++n)
    globalThis.setInterval = (...args) => (real.setInterval(...args).unref(), ++n)`,
  'timers that do nothing': `globalThis.setTimeout = globalThis.setImmediate = globalThis.setInterval = () => {}`,
  'timers that throw': `
    for (const name of ['setTimeout', 'setImmediate', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask'])
      globalThis[name] = () => { throw new Error(name + ' is not allowed') }`,
  'timers deleted': `
    for (const name of ['setTimeout', 'setImmediate', 'setInterval', 'clearTimeout', 'clearInterval']) delete globalThis[name]`,
  'timers and clocks mocked by node:test': `
    const { mock } = require('node:test')
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })
    setTimeout(() => console.log('the timer of the app'), 1000)
    afterRequests = () => { mock.timers.tick(999); console.log('not yet'); mock.timers.tick(1); mock.timers.runAll(); mock.reset() }`,
  'performance without now': `globalThis.performance = { mark() {}, measure() {} }`,
  'performance deleted': `delete globalThis.performance`,
  'performance.now that throws': `performance.now = () => { throw new Error('no clock') }`,
  'Date.now that gives nothing': `Date.now = () => undefined`,
  'Date.now that throws': `Date.now = () => { throw new Error('no clock') }`,
  'a Date that stands still': `
    globalThis.Date = class extends Date { constructor(...args) { args.length ? super(...args) : super(0) } static now() { return 0 } }`,
  'Map and Set with other methods': `
    for (const base of [Map, Set, WeakMap, WeakSet])
      for (const name of ['get', 'set', 'has', 'add', 'delete', 'forEach', 'clear'])
        if (base.prototype[name]) {
          const method = base.prototype[name]
          base.prototype[name] = function (...args) {
            if (new Error().stack.split('\\n')[2].includes('/dist/')) console.log('called', name)
            return method.apply(this, args)
          }
        }`,
  'JSON that counts its calls': `
    let calls = 0
    const { parse, stringify } = JSON
    JSON.parse = (...args) => (calls++, parse(...args)); JSON.stringify = (...args) => (calls++, stringify(...args))
    process.on('exit', () => console.log('calls of JSON', calls))`,
  'Math.random that counts its calls': `
    let calls = 0
    Math.random = () => (calls++, 0.5)
    process.on('exit', () => console.log('calls of Math.random', calls))`,
  'URL and TextEncoder of another world': `
    globalThis.URL = globalThis.URLSearchParams = globalThis.TextEncoder = globalThis.TextDecoder = class { constructor() { throw new Error('jsdom') } }`,
  'Promise of another world': `globalThis.Promise = class extends Promise { static allSettled = undefined }`,
  'enumerable names on the prototypes of everything': `
    Object.prototype.last = function () {}; Array.prototype.last = function () { return this.at(-1) }`,
}

const APP = (replace: string): string => `
const http = require('node:http')
let afterRequests = () => {}
const real = { setTimeout, setImmediate, setInterval, Promise }
process.on('uncaughtException', ({ stack }) => { console.log('UNCAUGHT', stack); process.exit(7) })
const server = http.createServer((request, response) => response.end('ok'))
server.listen(0, '127.0.0.1', async () => {
  ${replace}
  for (let i = 0; i < 3; i++) console.log(await get())
  afterRequests()
  await new real.Promise((resolve) => real.setTimeout(resolve, 150))
  server.close()
})
function get() {
  return new real.Promise((resolve) => {
    const { port } = server.address()
    const request = http.get({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    request.on('error', ({ message }) => resolve(message))
  })
}`

describe('an app replaces globals after the start', { concurrency: 2 }, () => {
  for (const node of edgeNodeVersions()) {
    if (node.label === '22' || node.label === '26') continue
    for (const [name, replace] of rowsOn(node, Object.entries(REPLACED))) {
      test(`${name} (Node ${node.label})`, (t) =>
        asBare(t, { source: APP(replace), execPath: node.execPath, spans: 6 }))
    }
  }
})
