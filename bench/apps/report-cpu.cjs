// Asked by the benchmark, the server tells the processor time that it used so far, over all of its threads.
process.on('message', () => process.send({ cpu: process.cpuUsage() }))
process.on('disconnect', () => process.exit())
