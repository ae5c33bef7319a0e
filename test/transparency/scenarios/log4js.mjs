// packages: log4js
// without-spans: log records have none
// differs: context in a layout -- the ids of the trace stand in the context of an event, where layouts take them from
export default async function ({ loadDefault, load, say, attempt, format }) {
  const log4js = await loadDefault('log4js')
  say('functions', log4js.getLogger, log4js.configure, log4js.shutdown)
  const recording =
    format === 'import'
      ? (await load('log4js/lib/appenders/recording.js')).default
      : await load('log4js/lib/appenders/recording')
  const configuration = Object.freeze({
    appenders: { kept: { type: 'recording' } },
    categories: { default: { appenders: ['kept'], level: 'debug' } },
  })
  await attempt('configure', () => typeof log4js.configure(configuration))
  const logger = log4js.getLogger('shop')
  say('logger', logger.info, logger.log, logger._log, Object.keys(logger).toSorted())
  const given = Object.freeze({ a: 1 })
  await attempt('info', () => logger.info('text %s', 'x', given))
  await attempt('log', () => logger.log('warn', 'warned'))
  await attempt('below the level', () => logger.trace('no'))
  await attempt('unknown level', () => logger.log('nope', 'text'))
  await attempt('error', () => logger.error(new RangeError('failed')))
  const own = Object.freeze({ user: 'u' })
  logger.context = own
  logger.info('with a context')
  say('its context', logger.context === own, Object.keys(logger.context))
  logger.clearContext()
  logger.addContext('mine', 1)
  logger.info('with one more')
  logger.removeContext('mine')
  say('context', logger.context)
  const events = recording.replay()
  say(
    'events',
    events.map(({ level, data, categoryName }) => [String(level), data, categoryName]),
  )
  say(
    'own context',
    events.map(({ context: { trace_id, span_id, trace_flags, ...rest } }) => rest),
  )
  say(
    'context in a layout',
    events.map(({ context }) => Object.keys(context)),
  )
  say('inputs', given)
  class Fails {
    toString() {
      throw new TypeError('not to be shown')
    }
  }
  await attempt('what cannot be shown', () => logger.info(new Fails()))
  await attempt('shut down', () => new Promise((resolve) => log4js.shutdown((...all) => resolve(all.length))))
}
