// packages: pino
// without-spans: log records have none
import { Writable } from 'node:stream'

export default async function ({ loadDefault, load, say, attempt, format }) {
  const pino = await loadDefault('pino')
  say('exports', pino, Object.keys(pino).toSorted())
  if (format === 'import') say('names', Object.keys(await load('pino')).toSorted())
  const lines = []
  // A line has the trace of the request beside what the app said.
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(withoutTrace(JSON.parse(chunk))), done()) })
  const options = Object.freeze({ base: null, timestamp: false, mixin: () => ({ mixed: 1 }) })
  const logger = pino(options, destination)
  say('logger', logger.info, Object.keys(logger))
  const given = Object.freeze({ a: 1 })
  logger.info(given, 'text %s', 'x')
  logger.child({ child: true }).warn('warned')
  logger.error(new RangeError('failed'))
  say(
    'lines',
    lines.map(({ err, ...line }) => ({ ...line, err: err?.message })),
  )
  await attempt('wrong level', () => pino({ level: 'nothing' }))
}

function withoutTrace({ trace_id, span_id, trace_flags, ...line }) {
  return line
}
