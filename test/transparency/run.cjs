'use strict'
/**
 * Runs a scenario with one version of its library, which `load` loads: `require` or `import` of the version's folder. As in an
 * app, the library is loaded at the start and used while a request is served: many instrumentations trace nothing outside of one.
 */
const { readFileSync } = require('node:fs')
const { createServer, get } = require('node:http')
const { pathToFileURL } = require('node:url')
const { say, attempt, stackOf } = require('./say.cjs')

exports.run = async (load, format) => {
  const file = process.argv[2]
  const scenario = await load(format === 'import' ? pathToFileURL(file).href : file)
  for (const name of packagesOf(file)) await load(name)
  /** What `import name from` gives; for `require` the exports. */
  const loadDefault = async (name) => {
    const exports = await load(name)
    return format === 'import' ? exports.default : exports
  }
  const given = { load: async (name) => load(name), loadDefault, say, attempt, stackOf, env: process.env, format }
  const server = createServer(async (_request, response) => {
    await scenario.default(given)
    response.end()
    server.close()
  })
  server.listen(0, '127.0.0.1', () =>
    get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => response.resume()),
  )
}

function packagesOf(file) {
  return /^\/\/ packages: (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1].split(/,\s*/) ?? []
}
