require('./report-cpu.cjs')
const app = require('fastify')()

app.get('/users/:id', async (request) => ({ id: request.params.id }))
app.listen({ port: 0, host: '127.0.0.1' }, () => process.send({ port: app.server.address().port }))
