// A script that uses nothing: which files of dist/ and which modules of Node were loaded for it all the same.
const { sep } = require('node:path')

const files = Object.keys(require.cache).filter((file) => file.includes(`${sep}dist${sep}`))
require('node:fs').writeSync(1, JSON.stringify({ files, node: process.moduleLoadList }))
