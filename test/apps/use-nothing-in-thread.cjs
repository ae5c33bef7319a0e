// A worker thread that uses nothing: which files of dist/ were loaded for it all the same.
const { sep } = require('node:path')
const { isMainThread, Worker } = require('node:worker_threads')

if (isMainThread) {
  const worker = new Worker(__filename)
  worker.on('error', (thrown) => {
    throw thrown
  })
} else {
  const files = Object.keys(require.cache).filter((file) => file.includes(`${sep}dist${sep}`))
  require('node:fs').writeSync(1, JSON.stringify(files))
}
