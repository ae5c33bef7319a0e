/** `/block` holds the event loop for 300 ms, `/garbage` makes work for the garbage collector. */
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  if (request.url === '/block') for (const end = Date.now() + 300; Date.now() < end;);
  if (request.url === '/garbage')
    for (let n = 0; n < 50; n++) JSON.parse(JSON.stringify(Array.from({ length: 5000 }, String)))
  response.end('done')
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
