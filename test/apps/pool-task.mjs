import { metrics, trace } from '@opentelemetry/api'

const done = metrics.getMeter('pool').createCounter('tasks.done')

export default async function double(task) {
  return trace.getTracer('pool').startActiveSpan('task', async (span) => {
    await new Promise((resolve) => setImmediate(resolve))
    done.add(1)
    span.end()
    return 2 * task
  })
}
