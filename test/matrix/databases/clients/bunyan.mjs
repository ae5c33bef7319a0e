import { trace } from '@opentelemetry/api'

export const attributes = {}
export const isLocal = true
export const isUnmeasured = true

export async function setUp(load) {
  const bunyan = (await load('bunyan')).default
  const records = []
  const stream = { type: 'raw', level: 'info', stream: { write: (record) => records.push(record) } }
  return { logger: bunyan.createLogger({ name: 'matrix', streams: [stream] }), records }
}

export const steps = {
  'a record': {
    async run({ logger, records }) {
      logger.child({ mine: 1 }).info('secret')
      const { traceId, spanId } = trace.getActiveSpan().spanContext()
      const record = records.pop()
      if (record.trace_id !== traceId || record.span_id !== spanId || record.trace_flags !== '01' || record.mine !== 1)
        throw new Error(JSON.stringify(record))
    },
    spans: [],
  },
}
