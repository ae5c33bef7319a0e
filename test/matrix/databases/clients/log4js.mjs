import { trace } from '@opentelemetry/api'

export const attributes = {}
export const isLocal = true
export const isUnmeasured = true

export async function setUp(load) {
  const log4js = (await load('log4js')).default
  const recording = (await load('log4js/lib/appenders/recording.js')).default
  log4js.configure({ appenders: { kept: { type: 'recording' } }, categories: { default: { appenders: ['kept'], level: 'info' } } })
  return { logger: log4js.getLogger(), recording }
}

export const steps = {
  'a record': {
    async run({ logger, recording }) {
      logger.addContext('mine', 1)
      logger.info('secret')
      const { traceId, spanId } = trace.getActiveSpan().spanContext()
      const { context } = recording.replay().at(-1)
      if (context.trace_id !== traceId || context.span_id !== spanId || context.trace_flags !== '01' || context.mine !== 1)
        throw new Error(JSON.stringify(context))
      if ('trace_id' in logger.context) throw new Error('the ids stay')
    },
    spans: [],
  },
}
