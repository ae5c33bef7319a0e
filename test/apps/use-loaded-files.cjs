// A server that tells, when it and the side port are up, which files of dist/ and which modules of Node were loaded.
const { createServer } = require('node:http')
const { sep } = require('node:path')

const MAX_TURNS = 400
const filesLoaded = () => Object.keys(require.cache).filter((file) => file.includes(`${sep}dist${sep}`))

const server = createServer().listen(0, '127.0.0.1', () => tell(MAX_TURNS))

function tell(turns) {
  const files = filesLoaded()
  if (turns > 0 && !files.some((file) => file.endsWith('sideport-server.cjs'))) return setTimeout(tell, 50, turns - 1)
  setTimeout(() => {
    console.log(JSON.stringify({ files: filesLoaded(), node: process.moduleLoadList }))
    server.close()
  }, 100)
}
