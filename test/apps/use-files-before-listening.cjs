// A server that prints, when it listens, which files of dist/ were loaded, and the same when it has served a request.
const { createServer, get } = require('node:http')
const { basename, sep } = require('node:path')

const filesLoaded = () => Object.keys(require.cache).filter((file) => file.includes(`${sep}dist${sep}`))

const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1', () => {
  const listening = filesLoaded()
  get({ port: server.address().port, agent: false }, (response) => {
    response.resume().on('end', () => {
      console.log(JSON.stringify({ listening, served: filesLoaded().map((file) => basename(file)) }))
      server.close()
    })
  })
})
