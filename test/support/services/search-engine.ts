import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Service } from './service.ts'

type Answer = readonly [status: number, body?: unknown]

/**
 * Answers like Elasticsearch and OpenSearch, as far as the tests need. The index `nope` is missing, and `busy` is
 * unavailable the first time, so that a client retries. `GET /_heard` returns the `traceparent` of the last request.
 */
export async function startSearchEngine(): Promise<Service> {
  let busyTimes = 0
  let heard = ''
  const answerTo = ({ method = 'GET', url = '/' }: IncomingMessage): Answer => {
    const [path = '/'] = url.split('?', 1)
    if (path === '/_heard') return [200, { traceparent: heard }]
    if (path === '/')
      return [
        200,
        { name: 'n', version: { number: '9.0.0', distribution: 'opensearch' }, tagline: 'You Know, for Search' },
      ]
    if (path.startsWith('/nope')) {
      const reason = { type: 'index_not_found_exception', reason: 'no such index [nope]', index: 'nope' }
      return [404, { error: { root_cause: [reason], ...reason }, status: 404 }]
    }
    if (path.startsWith('/busy') && busyTimes++ === 0) return [503, { error: 'busy' }]
    if (method === 'HEAD') return [200]
    if (path.endsWith('_search')) return [200, { took: 1, hits: { total: { value: 0, relation: 'eq' }, hits: [] } }]
    if (path.endsWith('_bulk')) return [200, { took: 1, errors: false, items: [] }]
    return [200, { _index: 'items', _id: '1', result: 'created', found: true, _source: {} }]
  }
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const [status, body] = answerTo(request)
      heard = String(request.headers['traceparent'])
      // Elasticsearch's client requires this type.
      const type = String(request.headers.accept ?? '').includes('vnd.elasticsearch')
        ? 'application/vnd.elasticsearch+json;compatible-with=9'
        : 'application/json'
      response.writeHead(status, { 'content-type': type, 'x-elastic-product': 'Elasticsearch' })
      response.end(body === undefined ? undefined : JSON.stringify(body))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: '127.0.0.1',
    port,
    env: { SEARCH_ENGINE: `http://127.0.0.1:${port}` },
    stop: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
