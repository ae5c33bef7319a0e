// packages: bunyan
// without-spans: log records have none
import { Writable } from 'node:stream'

export default async function ({ loadDefault, say, attempt }) {
  const bunyan = await loadDefault('bunyan')
  say('exports', bunyan, Object.keys(bunyan).toSorted())
  say('identity', bunyan === bunyan.default, bunyan.Logger === bunyan.createLogger, bunyan.prototype.info)
  const lines = []
  const stream = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) })
  const options = {
    name: 'app',
    streams: [{ level: 'debug', stream }],
    serializers: { err: bunyan.stdSerializers.err },
  }
  const logger = bunyan.createLogger(options)
  say('logger', logger instanceof bunyan, logger.constructor.name, logger.constructor === bunyan, Object.keys(logger))
  say('streams', logger.streams.length, logger.streams[0].type, logger.listenerCount('error'), stream.eventNames())
  say('options', Object.keys(options), options.streams.length)
  const given = Object.freeze({ a: 1, pid: 1, hostname: 'here', time: 0 })
  logger.info(given, 'text %s', 'x')
  logger.debug('no fields')
  logger.child(Object.freeze({ child: true })).warn('warned')
  logger.error(new RangeError('failed'))
  say('lines', lines.map(told))
  const ring = new bunyan.RingBuffer({ limit: 2 })
  const raw = bunyan.createLogger({ name: 'ring', streams: [{ type: 'raw', stream: ring }] })
  raw.info('kept')
  say(
    'records',
    ring.records.map(({ msg, level }) => [msg, level]),
  )
  class Own extends bunyan {
    info(...given) {
      return super.info({ own: true }, ...given)
    }
  }
  const own = new Own({ name: 'own', stream })
  own.info('from a subclass')
  say('subclass', own instanceof bunyan, told(lines.at(-1)))
  await attempt('no name', () => bunyan.createLogger({}))
  await attempt('called', () => bunyan({ name: 'called' }) instanceof bunyan)
}

function told(line) {
  // Each line has the trace of the request beside what the app said.
  const { trace_id, span_id, trace_flags, time, pid, hostname, err, ...rest } = JSON.parse(line)
  return { ...rest, err: err?.message }
}
