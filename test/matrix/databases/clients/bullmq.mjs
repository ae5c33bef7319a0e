import { once } from 'node:events'
import { failing } from '../support.mjs'

export const service = 'redis'
export const attributes = { 'messaging.system': 'bullmq' }
export const measure = 'messaging'
export const env = { OBS_INSTRUMENTATION_BULLMQ_QUEUE_DEPTH: 'true' }
export const metrics = ['bullmq_queue_jobs', 'messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total']

/** What the library asks Redis for. */
export const beside = /^(?!add|process)/

export async function setUp(load, env) {
  const bullmq = await load('bullmq')
  const { hostname: host, port } = new URL(env.REDIS_URL)
  // The server may have another of these programs.
  const prefix = `bull-${process.pid}`
  const connection = { host, port: Number(port), maxRetriesPerRequest: null }
  const queue = new bullmq.Queue('orders', { connection, prefix })
  const events = new bullmq.QueueEvents('orders', { connection, prefix })
  await events.waitUntilReady()
  const worker = new bullmq.Worker(
    'orders',
    async (job) => {
      if (job.name === 'bad') throw new TypeError('no such thing')
      return job.name
    },
    { connection, prefix },
  )
  worker.on('error', () => {})
  await worker.waitUntilReady()
  return { bullmq, connection, prefix, queue, events }
}

const ADD = { name: 'add orders', kind: 'producer', attributes: { 'messaging.destination.name': 'orders', 'messaging.operation.type': 'send' } }
const PROCESS = { name: 'process orders', kind: 'consumer', parent: 'add orders', attributes: { 'messaging.operation.type': 'process' } }

export const steps = {
  'a job': {
    async run({ queue, events }, mark) {
      const options = Object.freeze({ removeOnComplete: true })
      const job = await queue.add('mail', Object.freeze({ to: 'secret' }), options)
      mark('after add')
      await job.waitUntilFinished(events)
    },
    spans: [ADD, PROCESS],
  },
  'a job that fails': {
    async run({ queue, events }) {
      const job = await queue.add('bad', { to: 'secret' })
      await failing(job.waitUntilFinished(events))
    },
    spans: [ADD, { ...PROCESS, error: 'TypeError' }],
  },
  'many jobs': {
    async run({ queue, events }) {
      const jobs = await queue.addBulk([1, 2].map((n) => ({ name: 'mail', data: { n } })))
      await Promise.all(jobs.map((job) => job.waitUntilFinished(events)))
    },
    spans: [
      { ...ADD, name: 'addBulk orders', attributes: { 'messaging.batch.message_count': 2 } },
      { ...PROCESS, parent: 'addBulk orders' },
      { ...PROCESS, parent: 'addBulk orders' },
    ],
  },
  'a flow': {
    async run({ bullmq, connection, prefix, events }) {
      const flows = new bullmq.FlowProducer({ connection, prefix })
      const done = once(events, 'completed')
      const { job } = await flows.add({ name: 'parent', queueName: 'orders', children: [{ name: 'child', queueName: 'orders', data: { to: 'secret' } }] })
      await done
      await job.waitUntilFinished(events)
      await flows.close()
    },
    spans: [ADD, PROCESS, PROCESS],
  },
}
