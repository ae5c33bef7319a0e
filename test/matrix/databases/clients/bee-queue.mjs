import { once } from 'node:events'

/** It has no spans of its own: what it asks Redis for are the driver's. */
export const service = 'redis'
export const folder = 'on-request'
export const attributes = { 'db.system.name': 'redis', 'db.namespace': '0' }

export async function setUp(load, env) {
  const Queue = (await load('bee-queue')).default
  const { hostname: host, port } = new URL(env.REDIS_URL)
  const redis = { host, port: Number(port) }
  const queue = new Queue('orders', { redis, isWorker: false })
  const worker = new Queue('orders', { redis, getEvents: false, sendEvents: true })
  worker.process(async (job) => job.data.to)
  await Promise.all([queue.ready(), worker.ready()])
  return { queue }
}

/** What the worker asks for. */
export const beside = /^(?!evalsha)/

export const steps = {
  'a job': {
    async run({ queue }, mark) {
      const job = queue.createJob({ to: 'secret' })
      const done = once(job, 'succeeded')
      await job.save()
      mark('after save')
      await done
      mark('after its end')
    },
    spans: [{ name: 'evalsha' }],
  },
}
