// covers: net
// env: OTEL_NODE_ENABLED_INSTRUMENTATIONS=net
const { connect } = require('node:net')
const { say } = require('../say.cjs')

process.on('exit', (code) => say('exit', code))
const socket = connect(1, '127.0.0.1')
say('listeners', socket.listenerCount('error'))
