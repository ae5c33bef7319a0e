import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { edgeNodeVersions } from '../support/matrix.ts'
import { ROOT } from '../support/paths.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Case {
  readonly name: string
  readonly source: string
  readonly format?: 'cjs' | 'mjs'
  readonly files?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
  /** The first major version of Node that does this bare. */
  readonly since?: number
}

const MOCKS = ['--experimental-test-module-mocks', '--no-warnings']

/** Modules that an app or a test replaces: it gets what it put there, and the real one when it takes that away. */
const CASES: readonly Case[] = [
  {
    name: 'exports in require.cache',
    source: `
      for (const name of ['pg', 'ioredis', 'express', 'winston']) {
        const real = require(name)
        const entry = require.cache[require.resolve(name)]
        const { exports } = entry
        entry.exports = { fake: name }
        console.log(name, require(name).fake, require(name) === entry.exports)
        entry.exports = exports
        console.log(name, require(name) === real)
      }`,
  },
  {
    name: 'entries of require.cache',
    source: `
      const Module = require('module')
      const real = require('pg')
      const file = require.resolve('pg')
      const entry = require.cache[file]
      require.cache[file] = { id: file, filename: file, loaded: true, exports: { fake: 1 } }
      console.log(require('pg').fake)
      require.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports: { fake: 2, Client: class {} } })
      console.log(require('pg'))
      delete require.cache[file]
      console.log(Object.keys(require('pg')).sort(), require('pg') === real)
      require.cache[file] = entry
      console.log(require('pg') === real)
      const redis = require.resolve('ioredis')
      require.cache[redis] = Object.assign(new Module(redis), { filename: redis, loaded: true, exports: { fake: 3 } })
      console.log(require('ioredis'))`,
  },
  {
    name: 'Module._load, before and after a first require',
    source: `
      const Module = require('module')
      const { _load } = Module
      const real = { pg: require('pg'), http: require('http') }
      Module._load = function (id, ...rest) {
        return ['pg', 'ioredis', 'http', 'node:https'].includes(id) ? { fake: id } : _load.call(this, id, ...rest)
      }
      for (const id of ['pg', 'ioredis', 'http', 'node:https']) console.log(id, require(id))
      Module._load = _load
      console.log(require('pg') === real.pg, require('http') === real.http, require('node:http') === real.http)
      console.log(typeof require('ioredis').Cluster, typeof require('node:https').request)`,
  },
  {
    name: 'Module.prototype.require',
    source: `
      const Module = require('module')
      const { require: before } = Module.prototype
      console.log(before.length, before.name)
      Module.prototype.require = function (id) { return id === 'pg' ? { fake: id } : before.apply(this, arguments) }
      console.log(require('pg'), typeof require('express'))
      Module.prototype.require = before
      console.log(typeof require('pg').Client)`,
  },
  {
    name: 'Module._resolveFilename and an alias',
    source: `
      const Module = require('module')
      const { _resolveFilename } = Module
      Module._resolveFilename = function (id, ...rest) { return id === 'database' ? require.resolve('./fake.cjs') : _resolveFilename.call(this, id, ...rest) }
      console.log(require('database'))
      Module._resolveFilename = function (id, ...rest) { return id === 'pg' ? require.resolve('./fake.cjs') : _resolveFilename.call(this, id, ...rest) }
      console.log(require('pg'))`,
    files: { 'fake.cjs': 'module.exports = { fake: true }' },
  },
  {
    name: 'modules that load each other',
    source: `
      const { a } = require('./node_modules_of_app/a.cjs')
      console.log(a())`,
    files: {
      'node_modules_of_app/a.cjs': `exports.early = 1; const b = require('./b.cjs'); exports.a = () => [b.early, Object.keys(exports)]; exports.late = 2`,
      'node_modules_of_app/b.cjs': `const a = require('./a.cjs'); exports.early = Object.keys(a)`,
    },
  },
  {
    name: 'mock.module in CommonJS',
    // Before, Node mocks packages with an entry for `import` only there.
    since: 24,
    nodeArgs: MOCKS,
    source: `
      const { mock } = require('node:test')
      const real = { pg: require('pg'), http: require('http') }
      for (const id of ['pg', 'ioredis', 'node:http', 'node:https']) {
        const mocked = mock.module(id, { namedExports: { request: () => 'fake ' + id, Pool: class Fake {} } })
        console.log(id, require(id).request(), require(id).Pool.name)
        mocked.restore()
      }
      console.log(require('pg') === real.pg, require('http') === real.http, require('ioredis').Pool)`,
  },
  {
    name: 'mock.module in ES modules',
    format: 'mjs',
    nodeArgs: MOCKS,
    source: `
      import { mock } from 'node:test'
      for (const id of ['pg', 'ioredis', 'node:http', 'node:https']) {
        const mocked = mock.module(id, { namedExports: { request: () => 'fake ' + id, Pool: class Fake {} } })
        const { request, Pool } = await import(id)
        console.log(id, request(), Pool.name)
        mocked.restore()
      }
      const { Pool, Client } = await import('pg')
      console.log(typeof Client, Pool.name === 'Fake')`,
  },
  {
    name: 'modules that cannot be found',
    source: `
      const frames = ({ code, message, stack }) => console.log(code, message, stack.split('\\n').find((line) => /main\\.cjs|inner\\.cjs/.test(line)))
      function load(id) { try { require(id) } catch (error) { frames(error) } }
      function deep(id, n) { return n === 0 ? load(id) : deep(id, n - 1) }
      for (const id of ['./nowhere', 'no-such-package', '@none/at-all/x.js', '#nothing']) deep(id, 1)
      deep('./nowhere', 30)
      Error.stackTraceLimit = 30
      deep('./nowhere', 2)
      Error.stackTraceLimit = 0
      try { require('./nowhere') } catch ({ stack }) { console.log(stack) }
      Error.stackTraceLimit = 10
      try { require('./inner.cjs') } catch (error) { frames(error) }
      console.log(Error.stackTraceLimit)
      Error.prepareStackTrace = (error, frames) => frames.length
      try { require('./nowhere') } catch ({ stack }) { console.log(typeof stack) }`,
    files: { 'inner.cjs': `require('./not-there')` },
  },
  {
    name: 'import.meta.resolve',
    format: 'mjs',
    source: `
      import { createRequire } from 'node:module'
      const require = createRequire(import.meta.url)
      for (const id of ['pg', 'ioredis', 'express', 'pg/lib/client.js', 'node:http', 'http']) {
        console.log(id, import.meta.resolve(id), import.meta.resolve(id) === import.meta.resolve(id))
      }
      await import('pg')
      console.log(import.meta.resolve('pg'))
      console.log((await import(import.meta.resolve('pg'))).default === require('pg'))`,
  },
]

describe('modules that are replaced', { concurrency: 2 }, () => {
  for (const { label, execPath } of edgeNodeVersions()) {
    if (label === '22') continue
    for (const { name, since = 22, ...program } of CASES) {
      if (Number.parseInt(label) < since) continue
      test(`${name} (Node ${label})`, (t) => asBare(t, { ...program, execPath }))
    }
  }
})

describe('an app that requires what cannot be found', () => {
  for (const { label, execPath } of edgeNodeVersions()) {
    test(`crashes at the line of Node.js, and names its own (Node ${label})`, (t) => {
      const app = join(temporaryFolder(t, 'missing'), 'main.cjs')
      writeFileSync(app, "require('./nowhere')")
      const crash = (...nodeArgs: readonly string[]): string => {
        const env = {
          ...process.env,
          OTEL_LOG_LEVEL: 'none',
          OTEL_TRACES_EXPORTER: 'none',
          OTEL_METRICS_EXPORTER: 'none',
        }
        return spawnSync(execPath ?? process.execPath, [...nodeArgs, app], { env, encoding: 'utf8' }).stderr
      }
      const bare = crash()
      const ours = crash('--require', join(ROOT, 'register/index.cjs'))
      assert.deepEqual(ours.split('\n').slice(0, 5), bare.split('\n').slice(0, 5))
      assert.match(ours, /main\.cjs:1:/)
    })
  }
})
