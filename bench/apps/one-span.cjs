// A script that makes one span and ends.
const { trace } = require('@opentelemetry/api')

trace.getTracer('bench').startSpan('work').end()
