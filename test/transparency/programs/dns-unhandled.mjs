// covers: dns
// env: OTEL_NODE_ENABLED_INSTRUMENTATIONS=dns
import { lookup } from 'node:dns/promises'
import { say } from '../say.cjs'

process.on('exit', (code) => say('exit', code))
process.on('warning', ({ name }) => say('warning', name))
void lookup('does.not.exist.invalid')
