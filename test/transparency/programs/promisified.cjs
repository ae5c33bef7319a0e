'use strict'
// runs: with the whole matrix
// covers: dns, fs
// What util.promisify() makes of functions that are instrumented: own promisified forms, names, results of several values.
const childProcess = require('node:child_process')
const dns = require('node:dns')
const fs = require('node:fs')
const http = require('node:http')
const timers = require('node:timers')
const { promisify } = require('node:util')
const { say, attempt } = require('../say.cjs')

const FUNCTIONS = {
  'dns.lookup': dns.lookup,
  'dns.resolve': dns.resolve,
  'fs.exists': fs.exists,
  'fs.read': fs.read,
  'fs.readFile': fs.readFile,
  'fs.realpath': fs.realpath,
  'http.get': http.get,
  'http.request': http.request,
  'childProcess.exec': childProcess.exec,
  'childProcess.execFile': childProcess.execFile,
  'timers.setTimeout': timers.setTimeout,
  'timers.setImmediate': timers.setImmediate,
}
for (const [name, each] of Object.entries(FUNCTIONS)) {
  say(
    name,
    each,
    each[promisify.custom] !== undefined,
    promisify(each).name,
    promisify(each) === each[promisify.custom],
  )
}
const main = async () => {
  await attempt('lookup', () => promisify(dns.lookup)('127.0.0.1'))
  await attempt('lookup all', () => promisify(dns.lookup)('127.0.0.1', { all: true }))
  await attempt('wrong lookup', () => promisify(dns.lookup)(5))
  await attempt('exists', () => promisify(fs.exists)(__filename))
  await attempt('native', () => promisify(fs.realpath.native)('/'))
  await attempt('no file', () => promisify(fs.readFile)('/nowhere'))
  await attempt('exec', () => promisify(childProcess.exec)('echo out; echo err >&2'))
  const failing = promisify(childProcess.exec)('exit 3')
  say('child', failing.child?.constructor.name)
  await failing.catch(({ code, stdout, stderr }) => say('exit', code, stdout, stderr))
  await attempt('timer', () => promisify(setTimeout)(1, 'value'))
}
main()
