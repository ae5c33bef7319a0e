/** What clients of Elasticsearch and OpenSearch have in common; only the newest Elasticsearch has no `body` around a document. */
import { called, failing } from './support.mjs'

const TEXT = '{"query":{"match":{"text":"?"}},"size":"?"}'
const query = Object.freeze({ query: Object.freeze({ match: { text: 'secret' } }), size: 10 })
const document = Object.freeze({ text: 'secret' })

export const steps = ({ takesBody }) => {
  const body = (value) => (takesBody ? { body: value } : value)
  const given = (value) => (takesBody ? { body: value } : { document: value })
  return {
    promise: {
      async run({ client }, mark) {
        await client.search({ index: 'items', ...body(query) })
        mark('after search')
        await client.index({ index: 'items', id: 'secret', ...given(document) })
        await client.get({ index: 'items', id: 'secret' })
        await client.bulk(takesBody ? { body: [{ index: { _index: 'items' } }, document] } : { operations: [{ index: { _index: 'items' } }, document] })
        mark('after bulk')
        await client.indices.exists({ index: 'items' })
      },
      spans: [
        {
          name: 'search items',
          text: TEXT,
          attributes: { 'db.collection.name': 'items', 'http.request.method': 'POST', 'db.operation.name': 'search' },
        },
        { name: 'index items' },
        { name: 'get items' },
        { name: 'bulk' },
        { name: 'indices.exists items' },
      ],
    },
    'the requests that carry it': {
      async run({ client, url }) {
        await client.search({ index: 'busy', ...body(query) })
        const { traceparent } = await (await fetch(`${url}/_heard`)).json()
        if (!/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(traceparent)) throw new Error(`traceparent: ${traceparent}`)
      },
      spans: [{ name: 'search busy' }],
    },
    errors: {
      async run({ client }, mark) {
        const { statusCode } = await failing(client.search({ index: 'nope', ...body(query) }))
        if (statusCode !== 404) throw new Error(`status ${statusCode}`)
        mark('after a rejection')
      },
      spans: [{ name: 'search nope', error: 'ResponseError', status: '404' }],
    },
    refused: {
      async run({ Client }) {
        const client = new Client({ node: 'http://127.0.0.1:1', maxRetries: 1 })
        await failing(client.search({ index: 'items', ...body(query) }))
      },
      server: 1,
      spans: [{ name: 'search items', error: 'ConnectionError' }],
    },
  }
}

export const callback = {
  callback: {
    async run({ client }, mark) {
      await called((done) => client.search({ index: 'items', body: query }, (...all) => (mark('in a callback'), done(...all))))
      await failing(called((done) => client.search({ index: 'nope', body: query }, {}, done)))
    },
    spans: [
      { name: 'search items', text: TEXT },
      { name: 'search nope', error: 'ResponseError', status: '404' },
    ],
  },
}

export const setUp = (packageName) => async (load, env) => {
  const { Client } = await load(packageName)
  const client = new Client({ node: env.SEARCH_ENGINE })
  // Elasticsearch 7 asks who it talks to.
  await client.info()
  return { Client, client, url: env.SEARCH_ENGINE }
}
