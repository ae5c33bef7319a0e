// An example of a program: it is run as it stands, and its exit code, its output and its warnings count too.
const { say } = require('../say.cjs')

process.on('warning', ({ name, message, code }) => say('warning', name, message, code))
process.on('exit', (code) => say('exit', code))
process.emitWarning('of the app', { code: 'APP001' })
say('listeners', process.listenerCount('warning'), process.listenerCount('exit'))
Promise.reject(Object.assign(new TypeError('nobody awaits this'), { code: 'E_LOST' }))
