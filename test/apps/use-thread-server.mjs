/** An app that serves from a worker thread. */
import { Worker } from 'node:worker_threads'

export const worker = new Worker(new URL('use-express.mjs', import.meta.url))
