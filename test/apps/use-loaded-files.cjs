// A server that tells, when it and the side port are up, which files of dist/ were loaded.
const { createServer } = require('node:http')
const { sep } = require('node:path')

const server = createServer().listen(0, '127.0.0.1', () => {
  setTimeout(() => {
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => file.includes(`${sep}dist${sep}`))))
    server.close()
  }, 100)
})
