// packages: bee-queue
// services: redis
export default async function ({ loadDefault, say, attempt, env }) {
  const Queue = await loadDefault('bee-queue')
  say('functions', Queue, Queue.prototype.createJob, Queue.prototype.process, Queue.ErrorCode)
  const queue = new Queue(`transparency-${process.pid}`, { redis: env.REDIS_URL, removeOnSuccess: true })
  await queue.ready()
  say('queue', queue.eventNames().map(String))
  const done = new Promise((resolve) => queue.once('job succeeded', (id, result) => resolve([typeof id, result])))
  queue.process(async function work({ data }) {
    return { twice: data.n * 2 }
  })
  await attempt('saved', async () => (await queue.createJob(Object.freeze({ n: 2 })).save()).data)
  say('done', await done)
  await attempt('health', () => queue.checkHealth().then(({ newestJob, ...rest }) => [typeof newestJob, rest.waiting]))
  await attempt('processed twice', () => queue.process(() => {}))
  await queue.close()
  await attempt('after the end', () =>
    queue
      .createJob({})
      .save()
      .catch(({ message, name }) => [name, message]),
  )
}
