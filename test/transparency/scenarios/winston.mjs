// packages: winston
// without-spans: log records have none
import { Writable } from 'node:stream'

export default async function ({ loadDefault, load, say, attempt, format }) {
  const winston = await loadDefault('winston')
  say('exports', winston.createLogger, winston.Logger)
  const lines = []
  const stream = new Writable({ write: (chunk, _, done) => (lines.push(withoutTrace(String(chunk))), done()) })
  const { File } = winston.transports
  const logger = winston.createLogger
    ? winston.createLogger({ level: 'silly', transports: [new winston.transports.Stream({ stream })] })
    : new winston.Logger({ transports: [new File({ stream, timestamp: false })] })
  say('logger', logger.info, logger.log, logger.constructor.name)
  const given = Object.freeze({ a: 1 })
  logger.info('text', given)
  logger.log('warn', 'warned')
  if (winston.createLogger) {
    const record = { level: 'info', message: 'a record', own: true }
    logger.log(record)
    say('record', Object.keys(record))
    const child = logger.child({ child: true })
    child.error(new RangeError('failed'))
    say(
      'transports',
      logger.transports.map(({ constructor }) => constructor.name),
    )
  }
  await new Promise((resolve) => setTimeout(resolve, 30))
  say('lines', lines)
  say('inputs', given)
}

function withoutTrace(line) {
  const { trace_id, span_id, trace_flags, timestamp, ...record } = JSON.parse(line)
  return record
}
