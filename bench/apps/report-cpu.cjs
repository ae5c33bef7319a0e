// Asked by the benchmark, the server tells the processor time that it used so far and its memory, over all of its threads.
process.on('message', () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }))
process.on('disconnect', () => process.exit())
