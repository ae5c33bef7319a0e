// On request of the benchmark, reports the server's CPU time so far and its memory, over all threads.
process.on('message', () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }))
process.on('disconnect', () => process.exit())
