// packages: bullmq
// services: redis
// differs: options of a job -- the trace context travels where BullMQ's own telemetry puts it: telemetry.metadata
// differs: options of many jobs -- likewise
// differs: options of a flow -- likewise
import { once } from 'node:events'

export default async function ({ load, say, attempt, env, format }) {
  const { Queue, Worker, QueueEvents, FlowProducer } = await load('bullmq')
  say(
    'functions',
    [Queue, Worker, FlowProducer].map(({ name, length }) => [name, length]),
    Queue.prototype.add,
    Queue.prototype.addBulk,
    FlowProducer.prototype.add,
    FlowProducer.prototype.addBulk,
    Worker.prototype.callProcessJob,
    Worker.prototype.processJob,
  )
  const { hostname: host, port } = new URL(env.REDIS_URL)
  const connection = { host, port: Number(port), maxRetriesPerRequest: null }
  const prefix = `transparency-${process.pid}-${format}`
  const options = Object.freeze({ connection, prefix })
  const queue = new Queue('orders', options)
  const events = new QueueEvents('orders', options)
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  say('queue', queue.eventNames().map(String), Object.keys(queue).toSorted())
  const processed = []
  const worker = new Worker(
    'orders',
    async function work(job, ...more) {
      processed.push([job.name, job.data, more.map((each) => typeof each), this === undefined])
      if (job.name === 'fails') throw new RangeError('no such thing')
      return { twice: job.data.n * 2 }
    },
    { ...options, drainDelay: 1 },
  )
  worker.on('error', (error) => say('error event', error))
  await worker.waitUntilReady()
  const data = Object.freeze({ n: 2 })
  const given = Object.freeze({ removeOnComplete: true })
  const job = await queue.add('mail', data, given)
  say('job', job.name, job.data, job.data === data, typeof job.id)
  say('options of a job', job.opts)
  await attempt('result', () => job.waitUntilFinished(events))
  await attempt('without options', async () => (await queue.add('mail', { n: 1 })).waitUntilFinished(events))
  await attempt('fails', async function asks() {
    return await (await queue.add('fails', { n: 1 })).waitUntilFinished(events)
  })
  await attempt('wrong id', () => queue.add('mail', { n: 1 }, Object.freeze({ jobId: 'a:b' })))
  await attempt('no name', () => queue.add().catch(({ name }) => name))
  const jobs = Object.freeze([
    Object.freeze({ name: 'mail', data }),
    Object.freeze({ name: 'mail', data, opts: given }),
  ])
  const many = await queue.addBulk(jobs)
  say(
    'many jobs',
    many.map((each) => [each.name, each.data]),
  )
  say(
    'options of many jobs',
    many.map((each) => each.opts),
  )
  await Promise.all(many.map((each) => each.waitUntilFinished(events)))
  await attempt('many of nothing', () => queue.addBulk([]))
  await attempt('many of what is none', () => queue.addBulk(undefined))
  const producer = new FlowProducer(options)
  const completed = once(events, 'completed')
  const child = Object.freeze({ name: 'child', queueName: 'orders', data })
  const flow = Object.freeze({ name: 'parent', queueName: 'orders', data, children: Object.freeze([child]) })
  const made = await producer.add(flow)
  say(
    'flow',
    made.job.name,
    made.children?.map(({ job: { name } }) => name),
  )
  say(
    'options of a flow',
    made.job.opts.telemetry,
    made.children?.map(({ job: { opts } }) => opts.telemetry),
  )
  await completed
  await made.job.waitUntilFinished(events)
  await attempt('no flow', () => producer.add(undefined))
  say('processed', processed)
  say(
    'listeners',
    [worker, queue].map((each) => each.eventNames().map(String).toSorted()),
  )
  await producer.close()
  await worker.close()
  await events.close()
  await queue.obliterate({ force: true })
  await queue.close()
  await attempt('after the end', () => queue.add('mail', { n: 1 }).then(({ name }) => name))
}
