import { createServer } from 'node:http'
import bunyan from 'bunyan'
import pino from 'pino'
import winston from 'winston'

const logged = winston.createLogger({ transports: [new winston.transports.Console()] })
const loggers = {
  pino: pino(),
  bunyan: bunyan.createLogger({ name: 'app' }),
  winston: { warn: (fields, text) => logged.warn(text, fields) },
}

const server = createServer((request, response) => {
  for (const [name, logger] of Object.entries(loggers)) logger.warn({ logger: name, order: 7 }, 'in a request')
  for (const [name, logger] of Object.entries(loggers)) logger.warn({ logger: name, trace_id: 'own' }, 'its own')
  console.log('%s writes', 'console')
  console.error(JSON.stringify({ logger: 'console' }))
  console.info('done', { order: 7 })
  response.end('ok')
  if (request.url !== '/end') return
  for (let i = 0; i < 50; i++) loggers.winston.warn({ i }, 'last')
  loggers.pino.warn('the very last')
  process.exit(3)
})

loggers.pino.info({ logger: 'pino' }, 'outside')
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
