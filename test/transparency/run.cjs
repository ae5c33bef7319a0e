'use strict'
/** Runs a scenario with one version of its library, which `load` loads: `require` or `import` of the version's folder. */
const { pathToFileURL } = require('node:url')
const { say, attempt } = require('./say.cjs')

exports.run = async (load, format) => {
  const file = process.argv[2]
  const scenario = await load(format === 'import' ? pathToFileURL(file).href : file)
  /** What `import name from` gives; for `require` the exports. */
  const loadDefault = async (name) => {
    const exports = await load(name)
    return format === 'import' ? exports.default : exports
  }
  await scenario.default({ load: async (name) => load(name), loadDefault, say, attempt, env: process.env, format })
}
