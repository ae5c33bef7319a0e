// Upstream's set has no instrumentation of Fastify: its users add this one by hand.
import FastifyOtelInstrumentation from '@fastify/otel'

const instrumentation = new FastifyOtelInstrumentation({ registerOnInitialization: true })
instrumentation.enable()
