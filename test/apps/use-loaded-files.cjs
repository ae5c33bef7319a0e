// A server that tells, when it and the side port are up, which files of dist/ and which modules of Node were loaded.
const { createServer } = require('node:http')
const { sep } = require('node:path')

const server = createServer().listen(0, '127.0.0.1', () => {
  setTimeout(() => {
    const files = Object.keys(require.cache).filter((file) => file.includes(`${sep}dist${sep}`))
    console.log(JSON.stringify({ files, node: process.moduleLoadList }))
    server.close()
  }, 100)
})
