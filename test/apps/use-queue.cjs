/**
 * Jobs that other processes or threads do, as `argv` says: of `bullmq` (in forked processes or threads) or `jest-worker`, the package by its path.
 * Each line of stdin is a number of jobs to do now; what was done is printed.
 */
const { createInterface } = require('node:readline')
const { join } = require('node:path')

const [, , kind, path] = process.argv
const processor = join(__dirname, 'queue-job.cjs')

function bullmq(useWorkerThreads) {
  const { Queue, QueueEvents, Worker } = require(path)
  const connection = { url: process.env.REDIS_URL }
  const name = kind.replace(' ', '-')
  const queue = new Queue(name, { connection })
  const events = new QueueEvents(name, { connection })
  const worker = new Worker(name, processor, { connection, concurrency: 2, useWorkerThreads })
  worker.on('error', console.error)
  return async (job) => {
    const added = await queue.add('job', { job }, { attempts: 3 })
    return added.waitUntilFinished(events)
  }
}

function jestWorker(enableWorkerThreads) {
  const { Worker } = require(path)
  // As Next.js does: flags of its own for its workers, and NODE_OPTIONS rewritten.
  const forkOptions = {
    env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-old-space-size=256`.trim() },
  }
  const pool = new Worker(processor, { numWorkers: 2, enableWorkerThreads, forkOptions, exposedMethods: ['run'] })
  return (job) => pool.run({ data: { job } })
}

const KINDS = {
  'bullmq forks': () => bullmq(false),
  'bullmq threads': () => bullmq(true),
  'jest-worker forks': () => jestWorker(false),
  'jest-worker threads': () => jestWorker(true),
}

const run = KINDS[kind]()
createInterface({ input: process.stdin }).on('line', async (line) => {
  const results = await Promise.all(Array.from({ length: Number(line) }, (_, job) => run(job)))
  console.log(`done ${results.length} by ${[...new Set(results)].join(' ')}`)
})
console.log('listening 0')
