/**
 * Runs the steps of one client, each inside of a request of its own: `node app.mjs <folder> <esm|cjs> <client>`. The folder has the
 * packages; the client is a file of `clients/`. GET /<step> answers with the spans that were active where the step said so.
 */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { context, trace } from '@opentelemetry/api'

const [folder, format, client] = process.argv.slice(2)
const at = (...path) => pathToFileURL(join(import.meta.dirname, ...path)).href
const { load } = await import(at(folder, format === 'cjs' ? 'load.cjs' : 'load.mjs'))
const { setUp, steps } = await import(at('clients', `${client}.mjs`))
const state = await setUp(load, process.env)

const server = createServer(async (request, response) => {
  if (request.url === '/') return response.end()
  const marks = {}
  const mark = (label) => (marks[label] = trace.getSpan(context.active())?.spanContext().spanId ?? 'none')
  try {
    await steps[decodeURIComponent(request.url.slice(1))].run(state, mark)
    response.end(JSON.stringify(marks))
  } catch (thrown) {
    response.statusCode = 500
    response.end(String(thrown?.stack ?? thrown))
  }
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
