import { createServer } from 'node:http'

createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', function () {
  console.log(`listening ${this.address().port}`)
})
