// Sends sixteen requests at a time, over keep-alive connections, to the server whose port it receives.
const { Agent, get } = require('node:http')
const { repeat } = require('./client.cjs')

const agent = new Agent({ keepAlive: true, maxSockets: 16 })
repeat(
  (port) =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: '/users/7', agent }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      )
    }),
)
