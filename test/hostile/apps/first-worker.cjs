// Gives the first export worker so little memory that it runs out of it, and the following ones what they have without.
const threads = require('node:worker_threads')

let isFirst = true
threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    const isOurs = options?.name === 'paxx-obs-export'
    const resourceLimits = { maxOldGenerationSizeMb: 5, maxYoungGenerationSizeMb: 1 }
    super(file, isOurs && isFirst ? { ...options, resourceLimits } : options)
    if (isOurs) isFirst = false
    if (isOurs) this.once('error', ({ code }) => console.log(`worker: ${code}`))
  }
}
